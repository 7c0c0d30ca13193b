import type { Server } from '../../model/spec';

/**
 * The limits of an engine's calls to a server, as its API and its file name them: seconds, and retries. It retries a call of
 * a tool as it does any other, so what may not run twice is not retried.
 */
export function engineCallLimits({ call: { timeoutSeconds: timeout, retries: retry } }: Pick<Server, 'call'>) {
  return { timeout, retry };
}

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
  const worker = { id: name, enabled: true, http: { uri: url, ...engineCallLimits(server), secret } };
  return { tools: { directors: [{ id: 'default', enabled: true, workers: [worker] }] } };
}

/** The Helm values that let the dashboard's workers reach this address as well: an exact URL. */
export function allowlistOf({ url }: Server) {
  return { engine: { ssrfAllowlist: [url] } };
}
