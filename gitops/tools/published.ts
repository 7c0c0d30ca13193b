import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { Problem } from '../../model/problem';
import type { Server } from '../../model/spec';

/** Any JSON object. */
const Loose = z.looseObject({});

/** A server's tools as it publishes them: to the engine at `/worker/tools`, to MCP clients in `tools/list`. */
export const Published = z.object({
  toolkit: z.object({ name: z.string(), version: z.string(), description: z.string() }),
  tools: z.array(z.object({ name: z.string(), engine: Loose, mcp: Loose })),
  /** As MCP clients list them, those without variables first. @default - the server has none */
  resources: z.array(Loose).optional(),
});

export type Published = Readonly<z.output<typeof Published>>;

const Example = z.object({
  /** The published name of its tool, without the toolkit. */
  tool: z.string(),
  /** Its index among the examples of the tool. */
  index: z.number(),
  input: Loose,
  context: z.looseObject({ userId: z.string().optional() }),
  /** @default - the example fails, or its result is not JSON */
  output: z.unknown().optional(),
  fails: z.string().optional(),
});

/** An example of a tool, as its author wrote it. */
export type Example = Readonly<z.output<typeof Example>>;

/** The longest timeout of its tools, the retries that all of them allow, and whether a person may be asked meanwhile. */
const CallLimits = z.object({ timeoutSeconds: z.number(), retries: z.number(), asks: z.boolean() });

const Answers = z.array(
  z.object({
    server: z.string(),
    error: z.string().optional(),
    ...Published.partial().shape,
    call: CallLimits.optional(),
    examples: z.array(Example).optional(),
    /** A sentence for each value that the reference implementation does not know. */
    warnings: z.array(z.string()).optional(),
  }),
);

/** A server's tools as its sources define them. */
export interface ToolSources extends Published {
  readonly call: Readonly<z.output<typeof CallLimits>>;
  readonly examples: readonly Example[];
}

/** The tools by server. Leaves out servers whose tools cannot be loaded or whose image is built elsewhere. */
export interface PublishedTools {
  readonly byServer: ReadonlyMap<string, ToolSources>;
  readonly problems: readonly Problem[];
}

/**
 * Loads the tools of servers as the worker does, in a separate process: the side effects of importing them stay there, and
 * commands that need no tools do not bundle them. The process does not inherit this environment, because the output must not
 * depend on it. Caches the result until a source changes.
 */
export function publishedTools(root: string, servers: readonly Server[]): PublishedTools {
  const selected = servers.flatMap(({ name: server, toolkit, env }) => (toolkit ? [{ server, toolkit, env }] : []));
  if (selected.length === 0) return { byServer: new Map(), problems: [] };
  const input = JSON.stringify(selected);
  const cached = recall(root, input);
  const answer = cached ?? load(root, input);
  if (typeof answer !== 'string') return { byServer: new Map(), problems: [answer] };
  const byServer = new Map<string, ToolSources>();
  const problems = Answers.parse(JSON.parse(answer)).flatMap(
    ({ server, toolkit, tools, resources, call, examples = [], warnings = [], error }) => {
      if (toolkit && tools && call)
        byServer.set(server, { toolkit, tools, call, examples, ...(resources && { resources }) });
      return error === undefined ? warnings.map((warning) => unknownValue(server, warning)) : [toolLoad(server, error)];
    },
  );
  if (cached === undefined && problems.every(({ level }) => level === 'warning')) remember(root, input, answer);
  return { byServer, problems };
}

/** Loads the tools in a separate process. Returns its answer, or the problem when there is none. */
function load(root: string, input: string): string | Problem {
  const { status, output } = spawnSync(process.execPath, [join(root, 'cli/run.mjs'), 'worker/published.main.ts'], {
    cwd: root,
    env: Object.fromEntries(Object.entries(process.env).filter(([name]) => /^(PATH|NODE_OPTIONS)$/i.test(name))),
    input,
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
  });
  const [, stdout = '', stderr = '', answer = ''] = output ?? [];
  const log = `${stdout}${stderr}`.trim();
  if (status !== 0 || !answer) return notLoaded(status, log);
  if (log !== '') process.stderr.write(`${log}\n`);
  return answer;
}

/**
 * A hash of all sources and installed packages, from the name that the launcher gives its bundle (cli/run.mjs).
 * @default - this is not a bundle, as in a test, and nothing is cached
 */
const stateOfSources = /\.([0-9a-f]{16})\.cjs$/.exec(__filename)?.[1];

const cacheFile = '.cache/published-tools.json';

/** The text of the cache: the answer behind a hash of it and its input, so that an edited file is ignored. */
function cacheText(input: string, answer: string): string {
  const parts = JSON.stringify([stateOfSources, input, answer]);
  return `${createHash('sha256').update(parts).digest('hex')}\n${answer}`;
}

function recall(root: string, input: string): string | undefined {
  if (stateOfSources === undefined || !existsSync(join(root, cacheFile))) return undefined;
  const text = readFileSync(join(root, cacheFile), 'utf8');
  const answer = text.slice(text.indexOf('\n') + 1);
  return text === cacheText(input, answer) ? answer : undefined;
}

function remember(root: string, input: string, answer: string): void {
  if (stateOfSources === undefined) return;
  const file = join(root, cacheFile);
  try {
    mkdirSync(dirname(file), { recursive: true });
    // Atomically, because another command may be reading it.
    writeFileSync(`${file}.${process.pid}`, cacheText(input, answer));
    renameSync(`${file}.${process.pid}`, file);
  } catch {
    // Without a cache, the next run loads the tools again.
  }
}

/** The same servers, with the call limits of their tools. */
export function withCallLimits(servers: readonly Server[], byServer: PublishedTools['byServer']): readonly Server[] {
  return servers.map((server) => ({ ...server, call: byServer.get(server.name)?.call ?? server.call }));
}

function toolLoad(server: string, reason: string): Problem {
  // The worker's message starts with the same words, and lists each tool on its own line.
  const lines = reason.replace(/^Cannot load the tools:\n/, '\n').replaceAll('\n  ', '\n');
  return new Problem('TOOL-LOAD', `Cannot load the tools of ${server}: ${lines.trimEnd()}`, {
    file: `servers/${server}/tools`,
    fix: `fix the tools listed above; npm run dev -- ${server} reloads them on every change`,
  });
}

function unknownValue(server: string, warning: string): Problem {
  return new Problem('TOOL-WORD', `Cannot tell whether an engine accepts ${server}.${warning}`, {
    file: `servers/${server}/tools`,
    fix: 'correct the value, or keep it if your engine is newer',
    level: 'warning',
  });
}

/** No tool was loaded: a single invalid source prevents bundling all of them. */
function notLoaded(status: number | null, log: string): Problem {
  // The last line of the launcher is about itself; the lines before it name the invalid file and line.
  const reason = log.replace(/\n*Cannot start: .*$/, '') || `their process exited with ${status} and printed nothing`;
  return new Problem('TOOL-LOAD', `Cannot load the tools of the servers: ${reason}`, {
    file: 'servers',
    fix: 'fix the file named above, then run this again',
  });
}
