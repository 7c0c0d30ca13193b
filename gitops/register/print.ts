import { yamlOf } from '../../charts/yaml';
import type { Server } from '../../model/spec';
import { allowlistOf, engineCallLimits, engineConfigOf, secretVariableOf } from '../engine/engine-config';
import { maxWorkerSecretLength } from '../seal/plaintext';

/** The fields of the dashboard, and the entry of the engine's file, which is the only way for an internal server. */
export function registrationText(server: Server): string {
  return server.isPublic
    ? `${dashboardFields(server)}\n\nOr, where the engine finds a private address:\n\n${fileEntry(server)}`
    : fileEntry(server);
}

/** The same for machines: the dashboard takes no internal server. */
export function registrationJson(server: Server) {
  const { name: id, url, isPublic } = server;
  const dashboard = { id, type: 'Arcade', url, ...engineCallLimits(server) };
  return { ...(isPublic && { dashboard }), file: engineConfigOf(server), allowlist: allowlistOf(server) };
}

function dashboardFields(server: Server): string {
  const { name, url } = server;
  const { timeout, retry } = engineCallLimits(server);
  return `In the dashboard: Servers, Add Server

  ID       ${name}
  Type     Arcade
  URL      ${url}
  Secret   the worker secret; at most ${maxWorkerSecretLength} characters
  Timeout  ${timeout}
  Retry    ${retry}`;
}

function fileEntry(server: Server): string {
  return [
    "# The engine's configuration file. Its dashboard accepts a private address too, turns green, and loads no tool.",
    `# ${secretVariableOf(server)} is read from the engine's environment.`,
    yamlOf(engineConfigOf(server)),
    "# Or let the dashboard's workers reach it, in the values of the engine's chart:",
    yamlOf(allowlistOf(server)).trimEnd().replaceAll(/^/gm, '#   '),
  ].join('\n');
}
