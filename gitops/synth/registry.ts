import type { Server } from '../../model/spec';
import { contract } from '../../worker/contract';
import type { OutputFile } from '../rules/output-file';

/**
 * The `server.json` of a public server, for a public or private MCP registry. One per platform, because the name contains the
 * host, which differs. None for an image that is built elsewhere: its version, and whether it speaks MCP, are unknown here.
 * Outside the roots of the target repositories.
 */
export function registryFiles({ name, host, isPublic, toolkit, platform }: Server): readonly OutputFile[] {
  if (!isPublic || toolkit === undefined) return [];
  const entry = {
    $schema: 'https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json',
    // Publishing requires proof of owning the domain, which only the owner of the zone or the host can give.
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

/** A registry accepts 100 characters. Cuts between words where possible. */
function shortened(description: string): string {
  const characters = [...description];
  if (characters.length <= longest) return description;
  const start = characters.slice(0, longest - 1).join('');
  return `${start.replace(/(?<=\S)[\s,;:]+\S*$/, '')}…`;
}

const longest = 100;
