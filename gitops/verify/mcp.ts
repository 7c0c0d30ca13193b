import { Problem } from '../../model/problem';
import { contract } from '../../worker/contract';
import { ask } from './ask';
import { mcpNameOf } from './catalogue';
import { isPage, loginWall } from './login-wall';
import { listModern, listWithHandshake, type McpTool, NotMcp, type Post, revisions } from './mcp-client';
import { type Facts, type Finding, failed, passed, type Step, skipped } from './step';
import { type Target, urlOf } from './target';
import { unexpected } from './unexpected';
import type { World } from './world';

const { mcp } = contract.paths;

/** Clients of the revisions with a handshake find the same tools at `/mcp` as the engine at `/worker/tools`. */
export const speaksHandshake: Step = {
  name: 'mcp',
  title: `${mcp} answers the handshake`,
  needs: ['resolve', 'tls'],
  run: (target, facts, world) =>
    compared(target, facts, () =>
      listWithHandshake(postTo(target, facts, world), (headers) =>
        ask(target, facts, world, mcp, { method: 'DELETE', headers }),
      ),
    ),
};

/** Clients of the revision without a handshake find them as well. */
export const speaksModern: Step = {
  name: 'mcp-2026',
  title: `${mcp} answers ${revisions.modern}`,
  needs: ['resolve', 'tls'],
  run: (target, facts, world) => compared(target, facts, () => listModern(postTo(target, facts, world))),
};

async function compared(
  target: Target,
  facts: Facts,
  listTools: () => Promise<{ protocolVersion: string; tools: readonly McpTool[] }>,
): Promise<Finding> {
  try {
    const { protocolVersion, tools } = await listTools();
    const found = tools.map(({ name }) => name).sort();
    const wanted = (facts.catalogue?.map(mcpNameOf) ?? facts.mcpTools?.map(({ name }) => name))?.sort();
    if (wanted !== undefined && wanted.join() !== found.join()) return failed(different(target, wanted, found));
    return passed(`${protocolVersion}, ${tools.length} tools`, { mcpTools: tools });
  } catch (error) {
    if (!(error instanceof NotMcp)) throw error;
    return notMcp(target, error);
  }
}

function postTo(target: Target, facts: Facts, world: World): Post {
  return (headers, message) =>
    ask(target, facts, world, mcp, {
      method: 'POST',
      headers: { accept: 'application/json, text/event-stream', 'content-type': 'application/json', ...headers },
      body: JSON.stringify(message),
    });
}

function notMcp(target: Target, { answer, message }: NotMcp): Finding {
  const asked = urlOf(target, mcp);
  if (answer.status === 401 && /resource_metadata=/.test(answer.headers['www-authenticate'] ?? '')) {
    return skipped('its front door is on: it asks for tokens of people, which this command has not');
  }
  const isForeign = loginWall(answer, asked) !== undefined || isPage(answer.headers['content-type']);
  if (isForeign || answer.status >= 500) return failed(unexpected('MCP', target, asked, answer));
  const isOrigin = answer.status === 403 ? '; the worker does not know this host' : '';
  return failed(
    new Problem('MCP', `Cannot list the tools of ${target.name} at ${mcp}: ${message}${isOrigin}`, {
      path: asked.href,
      fix:
        answer.status === 403
          ? `add "${target.url.hostname}" to MCP_ALLOWED_HOSTS of the server`
          : `run an image of this repository's worker, which speaks both eras; or leave it out: --skip mcp --skip mcp-2026`,
    }),
  );
}

function different(target: Target, wanted: readonly string[], found: readonly string[]): Problem {
  const missing = wanted.filter((name) => !found.includes(name));
  const extra = found.filter((name) => !wanted.includes(name));
  const parts = [
    ...(missing.length === 0 ? [] : [`missing: ${missing.join(', ')}`]),
    ...(extra.length === 0 ? [] : [`more: ${extra.join(', ')}`]),
  ];
  return new Problem('TOOLS-DIFFER', `${target.name} lists other tools at ${mcp}: ${parts.join('; ')}`, {
    path: urlOf(target, mcp).href,
    fix: `pods of two versions answer in turn during a rollout: npm run verify -- ${target.name} --wait 5m`,
  });
}
