import type { Server } from '../../model/spec';
import { contract } from '../../worker/contract';
import type { OutputFile } from '../rules/output-file';

/**
 * The `server.json` of a public server, for an MCP registry, public or a company's own. One a platform: each gives the
 * server another host, and the host gives it its name. None for an image that is built elsewhere, because nothing here
 * knows its version and whether it answers MCP. Outside the roots of the target repositories.
 */
export function registryFiles({ name, host, isPublic, toolkit, platform }: Server): readonly OutputFile[] {
  if (!isPublic || toolkit === undefined) return [];
  const entry = {
    $schema: 'https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json',
    // Whoever publishes proves that the domain is theirs, which the owner of the zone or of the host alone can.
    name: `${host.split('.').reverse().join('.')}/${name}`,
    description: shortened(toolkit.description),
    version: toolkit.version,
    remotes: [{ type: 'streamable-http', url: `https://${host}${contract.paths.mcp}` }],
  };
  return [
    {
      path: `registry/${platform.name}/${name}.json`,
      text: `${JSON.stringify(entry, null, 2)}\n`,
      server: name,
      platform: platform.name,
    },
  ];
}

/** A registry takes 100 characters. Cut between words where it can be. */
function shortened(description: string): string {
  const characters = [...description];
  if (characters.length <= longest) return description;
  const start = characters.slice(0, longest - 1).join('');
  return `${start.replace(/(?<=\S)[\s,;:]+\S*$/, '')}…`;
}

const longest = 100;
