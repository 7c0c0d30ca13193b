import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { Requirements } from '../catalog/define-tool';

/**
 * What the person at this machine lets tools spend while they are tried over `/mcp`. Only the file that `npm run dev` builds
 * hands one to the worker: no variable, argument or header can switch it on in an image or with `npm start`.
 */
export interface Trial {
  /** Whether a request comes from that person's own programs. @param headers as they came */
  isOwner(headers: IncomingHttpHeaders): boolean;
  secretOf(key: string): string | undefined;
  /** The OAuth token for a tool. Undefined when it requires none or none is given. */
  tokenOf(requires: Requirements): string | undefined;
  /** The variables that are missing for a tool, for a person to set. Empty when it has all that it requires. */
  missingFor(requires: Requirements): readonly string[];
  /** Adds the page on which that person tries tools. */
  addPage(app: FastifyInstance): void;
}
