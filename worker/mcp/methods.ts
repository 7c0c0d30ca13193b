import { constantResult, discover } from './eras';
import { type Era, handshakeRevisions, type Members, modernRevision } from './protocol';
import type { McpMethod, McpResult, McpService } from './service';

/** The methods of each era: those of the service and those of the protocol itself. */
export function methodsOf(service: McpService): Readonly<Record<Era, ReadonlyMap<string, McpMethod>>> {
  const { modern, instructions } = service;
  const discovery = constantResult({
    supportedVersions: [modernRevision],
    capabilities: modern.capabilities,
    instructions,
  });
  const handshake: readonly [string, McpMethod][] = [
    ['initialize', ({ params }) => initialize(service, params)],
    ['ping', () => ({})],
  ];
  return {
    handshake: new Map([...service.methods, ...handshake]),
    modern: new Map([...service.methods, [discover, () => discovery]]),
  };
}

/** Negotiates the requested revision, falling back to the newest. Keeps no state. */
function initialize({ capabilities, info, instructions }: McpService, { protocolVersion }: Members): McpResult {
  const negotiated = handshakeRevisions.find((revision) => revision === protocolVersion) ?? handshakeRevisions[0];
  return {
    protocolVersion: negotiated,
    capabilities,
    serverInfo: info,
    ...(instructions === '' ? {} : { instructions }),
  };
}
