import { yamlOf } from '../../charts/yaml';
import { placeOf } from '../../model/secret-place';
import type { Server } from '../../model/spec';
import { contract } from '../../worker/contract';
import { allowlistOf, engineCallLimits, engineConfigOf, secretVariableOf } from '../engine/engine-config';
import { maxWorkerSecretLength } from '../seal/plaintext';

/** The fields of the dashboard, and the entry of the engine's file, the only way to register an internal server. */
export function registrationText(server: Server): string {
  return server.isPublic
    ? `${dashboardFields(server)}\n\nOr, when the engine resolves a private address:\n\n${fileEntry(server)}`
    : fileEntry(server);
}

/** The same as JSON, without `dashboard` for an internal server, which the dashboard rejects. */
export function registrationJson(server: Server) {
  const { name: id, url, isPublic } = server;
  const dashboard = { id, type: 'Arcade', url, ...engineCallLimits(server) };
  const secretFrom = placeOf(server, contract.env.secret);
  return { ...(isPublic && { dashboard }), secretFrom, file: engineConfigOf(server), allowlist: allowlistOf(server) };
}

function dashboardFields(server: Server): string {
  const { name, url } = server;
  const { timeout, retry } = engineCallLimits(server);
  return `In the dashboard: Servers, Add Server

  ID       ${name}
  Type     Arcade
  URL      ${url}
  Secret   the worker secret${origin(server)}; at most ${maxWorkerSecretLength} characters
  Timeout  ${timeout}
  Retry    ${retry}`;
}

/** Where to read the worker secret, as part of a sentence; empty for a sealed one, which cannot be read. */
function origin(server: Server): string {
  const place = placeOf(server, contract.env.secret);
  return place === undefined ? '' : `, ${place}`;
}

function fileEntry(server: Server): string {
  return [
    "# The engine's configuration file. In the dashboard, a private address turns green but no tool ever loads.",
    `# ${secretVariableOf(server)} is read from the engine's environment${origin(server)}.`,
    yamlOf(engineConfigOf(server)),
    "# Or allow this address for the dashboard's workers too, in the values of the engine's chart:",
    yamlOf(allowlistOf(server)).trimEnd().replaceAll(/^/gm, '#   '),
  ].join('\n');
}
