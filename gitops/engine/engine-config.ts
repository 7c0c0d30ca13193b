import type { Server } from '../../model/spec';

/** The limits of an engine's call to a worker: seconds, and retries (the defaults of its dashboard). */
export const engineCallLimits = { timeout: 30, retry: 3 } as const;

/** The environment variable that the engine's configuration file reads a worker's secret from. */
export function secretVariableOf({ resourceLabel }: Server): string {
  return `${resourceLabel.toUpperCase()}_SECRET`;
}

/**
 * The engine's configuration file with a worker for this server (Arcade configuration schema 2.0). An engine refuses
 * private addresses for workers that are registered in its dashboard, and accepts them here.
 */
export function engineConfigOf(server: Server) {
  const { name, url } = server;
  const secret = `\${env:${secretVariableOf(server)}}`;
  const worker = { id: name, enabled: true, http: { uri: url, ...engineCallLimits, secret } };
  return { tools: { directors: [{ id: 'default', enabled: true, workers: [worker] }] } };
}

/** The Helm values that let the dashboard's workers reach this address as well: an exact URL. */
export function allowlistOf({ url }: Server) {
  return { engine: { ssrfAllowlist: [url] } };
}
