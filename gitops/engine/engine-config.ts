import type { Server } from '../../model/spec';

/**
 * The limits of an engine's calls to a server, under the names of its API and its configuration file: a timeout in seconds,
 * and retries. The engine retries tool calls like any other request, so tools that must not run twice get no retries.
 */
export function engineCallLimits({ call: { timeoutSeconds: timeout, retries: retry } }: Pick<Server, 'call'>) {
  return { timeout, retry };
}

/** The environment variable from which the engine's configuration file reads the secret of a worker. */
export function secretVariableOf({ resourceLabel }: Server): string {
  return `${resourceLabel.toUpperCase()}_SECRET`;
}

/**
 * The engine's configuration file with a worker for this server (Arcade configuration schema 2.0). An engine rejects private
 * addresses for workers that are registered in its dashboard, but accepts them here.
 */
export function engineConfigOf(server: Server) {
  const { name, url } = server;
  const secret = `\${env:${secretVariableOf(server)}}`;
  const worker = { id: name, enabled: true, http: { uri: url, ...engineCallLimits(server), secret } };
  return { tools: { directors: [{ id: 'default', enabled: true, workers: [worker] }] } };
}

/** The Helm values that allow this address, as an exact URL, for workers registered in the dashboard too. */
export function allowlistOf({ url }: Server) {
  return { engine: { ssrfAllowlist: [url] } };
}
