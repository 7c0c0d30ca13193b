import { Problem } from '../../model/problem';
import { contract } from '../../worker/contract';
import { ask, unexpected } from './ask';
import { differences, mcpNameOf } from './catalogue';
import { firstFew, jsonDiff } from './json-diff';
import { isPage, loginWall } from './login-wall';
import { listModern, listWithHandshake, type McpResource, type McpTool, NotMcp, revisions } from './mcp-client';
import { type Facts, type Finding, failed, passed, type Step, skipped } from './step';
import { type Target, urlOf } from './target';

const { mcp } = contract.paths;

/** Handshake clients find the same tools at `/mcp` as the engine does at `/worker/tools`. */
export const speaksHandshake = listingStep('mcp', `${mcp} answers the handshake`, listWithHandshake);

/** So do clients of the revision without a handshake. */
export const speaksModern = listingStep('mcp-2026', `${mcp} answers ${revisions.modern}`, listModern);

function listingStep(name: Step['name'], title: string, listTools: typeof listModern): Step {
  return {
    name,
    title,
    needs: ['resolve', 'tls'],
    async run(target, facts, world) {
      const json = { accept: 'application/json, text/event-stream', 'content-type': 'application/json' };
      try {
        const listed = await listTools((method, headers, message) => {
          const body = JSON.stringify({ jsonrpc: '2.0', ...message });
          const posted = message && { headers: { ...json, ...headers }, body };
          return ask(target, facts, world, mcp, { method, headers, ...posted });
        });
        const { tools, resources, version } = listed;
        const known = { mcpTools: tools, mcpVersion: version ?? facts.mcpVersion };
        const faults = faultsOf(target, facts, tools, version);
        const found = [...faults, ...resourceDifferences(target, resources)];
        if (found.length > 0) {
          const what = faults.length > 0 ? 'tools' : 'resources';
          return failed(different(target, what, found.join('; ')), known);
        }
        const more = resources.length === 0 ? '' : `, ${resources.length} resources`;
        return passed(`${listed.protocolVersion}, ${tools.length} tools${more}`, known);
      } catch (error) {
        if (error instanceof NotMcp) return notMcp(target, error);
        throw error;
      }
    },
  };
}

/** How the list differs from the catalogue, which takes a token to read, or else from the sources. */
function faultsOf(target: Target, facts: Facts, tools: readonly McpTool[], version?: string): readonly string[] {
  const found = tools.map(({ name }) => name);
  const { toolkit, tools: declared } = target.sources ?? {};
  const names = facts.catalogue?.map(mcpNameOf) ?? facts.mcpTools?.map(({ name }) => name);
  const wanted = names ?? declared?.map(({ mcp }) => String(mcp.name)) ?? found;
  // Sorted, so that a name listed twice is a difference too.
  const isDifferent = [...wanted].sort().join() !== [...found].sort().join();
  const isOld = version !== undefined && toolkit !== undefined && version !== toolkit.version;
  const changed = isDifferent ? [] : definitionDifferences(target, tools);
  return [
    ...(isOld ? [`version ${version} instead of ${toolkit.version}`] : []),
    ...(isDifferent ? [differences(wanted, found).join('; ') || 'some are listed twice'] : []),
    ...(changed.length > 0 ? [`definitions differ: ${firstFew(changed)}`] : []),
  ];
}

/** How the listed resources differ from the sources. */
function resourceDifferences({ sources }: Target, found: readonly McpResource[]): readonly string[] {
  if (sources === undefined) return [];
  const [wanted, listed] = [byAddress(sources.resources ?? []), byAddress(found)];
  const names = differences([...wanted.keys()], [...listed.keys()]);
  const changed = [...wanted].flatMap(([uri, entry]) => (listed.has(uri) ? jsonDiff(entry, listed.get(uri), uri) : []));
  return [
    ...(names.length > 0 ? [`resources ${names.join('; ')}`] : []),
    ...(changed.length > 0 ? [`definitions of resources differ: ${firstFew(changed)}`] : []),
  ];
}

function byAddress(resources: readonly McpResource[]): ReadonlyMap<string, McpResource> {
  return new Map(resources.map((entry) => [String(entry.uri ?? entry.uriTemplate), entry]));
}

function notMcp(target: Target, { response, message }: NotMcp): Finding {
  const { status, headers } = response;
  const url = urlOf(target, mcp);
  if (status === 401 && /resource_metadata=/.test(headers['www-authenticate'] ?? '')) {
    return skipped('its OAuth front door is on: it requires a user token, and verify has none');
  }
  const isForeign = loginWall(response, url) !== undefined || isPage(headers['content-type']);
  if (isForeign || status >= 500) return failed(unexpected('MCP', target, mcp, response));
  const cause = status === 403 ? '; the worker does not allow this host' : '';
  return failed(
    new Problem('MCP', `Cannot list the tools of ${target.name} at ${mcp}: ${message}${cause}`, {
      path: url.href,
      fix:
        status === 403
          ? `add "${target.url.hostname}" to MCP_ALLOWED_HOSTS of the server`
          : `run an image of this repository's worker, which speaks both revisions; or skip both: --skip mcp --skip mcp-2026`,
    }),
  );
}

/** How the listed tools differ from the sources. */
function definitionDifferences({ sources }: Target, tools: readonly McpTool[]): readonly string[] {
  const byName = new Map(sources?.tools.map(({ mcp }) => [mcp.name, mcp]));
  return tools.flatMap((tool) => {
    const wanted = byName.get(tool.name);
    return wanted === undefined ? [] : jsonDiff(wanted, tool, tool.name);
  });
}

function different(target: Target, what: 'tools' | 'resources', how: string): Problem {
  return new Problem('TOOLS-DIFFER', `${target.name} lists different ${what} at ${mcp}: ${how}`, {
    path: urlOf(target, mcp).href,
    fix: `during a rollout, pods of both versions answer: npm run verify -- ${target.args} --wait 5m`,
  });
}
