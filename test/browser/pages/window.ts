// What the page api.html has on its window, for the tests' compiler.
import type * as netgroup from 'netgroup'

declare global {
  interface Window {
    netgroup: typeof netgroup
  }
}
