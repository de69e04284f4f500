import type { RequestListener } from 'node:http'

export declare function staticFiles(folder: string): RequestListener
