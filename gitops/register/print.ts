import { yamlOf } from '../../charts/yaml';
import type { Server } from '../../model/spec';
import { allowlistOf, engineCallLimits, engineConfigOf, secretVariableOf } from '../engine/engine-config';

/** The fields of the dashboard, and the entry of the engine's file, which is the only way for an internal server. */
export function registrationText(server: Server): string {
  return server.isPublic
    ? `${dashboardFields(server)}\n\nOr, where the engine finds a private address:\n\n${fileEntry(server)}`
    : fileEntry(server);
}

function dashboardFields({ name, url }: Server): string {
  const fields = {
    ID: name,
    Type: 'Arcade',
    URL: url,
    Secret: 'the worker secret; at most 100 characters',
    Timeout: engineCallLimits.timeout,
    Retry: engineCallLimits.retry,
  };
  const lines = Object.entries(fields).map(([field, value]) => `  ${field.padEnd(8)} ${value}`);
  return ['In the dashboard: Servers, Add Server', '', ...lines].join('\n');
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
