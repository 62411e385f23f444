/** Types of the HTTP API. `./run generate` writes this file from /openapi.json. */
export type paths = Record<never, never>;
export interface components {
  schemas: Record<never, never>;
}
