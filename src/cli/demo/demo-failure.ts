/** Something the demo shows did not happen: what, and why. */
export class DemoFailure extends Error {
  /** What may help. */
  readonly remedy: string | undefined

  constructor(message: string, remedy?: string) {
    super(message)
    this.name = 'DemoFailure'
    this.remedy = remedy
  }
}
