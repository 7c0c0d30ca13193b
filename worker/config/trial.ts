import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { Requirements } from '../catalog/define-tool';

/**
 * The secrets and tokens that the developer provides for trying tools over `/mcp`. Only the entry file built by `npm run dev`
 * passes it to the worker: no variable, argument or header can enable it in an image or with `npm start`.
 */
export interface Trial {
  /** Whether a request comes from the developer's own programs. @param headers the unmodified request headers */
  isOwner(headers: IncomingHttpHeaders): boolean;
  secretOf(key: string): string | undefined;
  /** The OAuth token for a tool. Undefined when it requires none or none is set. */
  tokenOf(requires: Requirements): string | undefined;
  /** The unset variables that a tool requires. Empty when nothing is missing. */
  missingFor(requires: Requirements): readonly string[];
  /** Adds the page for trying tools. */
  addPage(app: FastifyInstance): void;
}
