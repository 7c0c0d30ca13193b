import { constantResult, discover } from './eras';
import { type Era, handshakeRevisions, type Members, modernRevision } from './protocol';
import type { McpMethod, McpResult, McpService } from './service';

/** The methods of each era: those of the service, and the protocol's own. */
export function methodsOf(service: McpService): Readonly<Record<Era, ReadonlyMap<string, McpMethod>>> {
  const { modern, instructions } = service;
  const discovery = constantResult({
    supportedVersions: [modernRevision],
    capabilities: modern.capabilities,
    instructions,
  });
  const handshake: readonly [string, McpMethod][] = [
    ['initialize', ({ params }) => greeting(service, params)],
    ['ping', () => ({})],
  ];
  return {
    handshake: new Map([...service.methods, ...handshake]),
    modern: new Map([...service.methods, [discover, () => discovery]]),
  };
}

/** Settles on the revision that was asked for, or else on the newest. Nothing of it is remembered. */
function greeting({ capabilities, info, instructions }: McpService, { protocolVersion }: Members): McpResult {
  const settled = handshakeRevisions.find((revision) => revision === protocolVersion) ?? handshakeRevisions[0];
  return {
    protocolVersion: settled,
    capabilities,
    serverInfo: info,
    ...(instructions === '' ? {} : { instructions }),
  };
}
