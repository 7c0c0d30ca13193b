import type { Server } from '../../servers/spec';

/**
 * The engine's configuration file with a worker for this server (Arcade configuration schema 2.0). An engine refuses
 * private addresses for workers that are registered in its dashboard, and accepts them here.
 */
export function engineConfigOf({ name, url, resourceLabel }: Server) {
  const worker = {
    id: name,
    enabled: true,
    http: { uri: url, timeout: 30, retry: 3, secret: `\${env:${resourceLabel.toUpperCase()}_SECRET}` },
  };
  return { tools: { directors: [{ id: 'default', enabled: true, workers: [worker] }] } };
}

/** The Helm values with which an engine lets its dashboard's workers reach this address as well: an exact URL. */
export function allowlistOf({ url }: Server) {
  return { engine: { ssrfAllowlist: [url] } };
}
