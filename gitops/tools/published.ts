import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { Problem } from '../../model/problem';
import type { Server } from '../../model/spec';

/** Any object of JSON, of which no more is known. */
const Loose = z.looseObject({});

/** What a server shows of its tools: to the engine at `/worker/tools`, to MCP clients in `tools/list`. */
export const Published = z.object({
  toolkit: z.object({ name: z.string(), version: z.string(), description: z.string() }),
  tools: z.array(z.object({ name: z.string(), engine: Loose, mcp: Loose })),
  /** As MCP clients list them, those without variables first. @default - it has none */
  resources: z.array(Loose).optional(),
});

export type Published = Readonly<z.output<typeof Published>>;

const Example = z.object({
  /** The published name of its tool, without the toolkit. */
  tool: z.string(),
  /** Its place among the examples of the tool. */
  index: z.number(),
  input: Loose,
  context: z.looseObject({ userId: z.string().optional() }),
  /** @default - it fails, or JSON cannot carry its result */
  output: z.unknown().optional(),
  fails: z.string().optional(),
});

/** An example of a tool, as its author wrote it. */
export type Example = Readonly<z.output<typeof Example>>;

/** The longest time of its tools, and how often each of them may be tried again. */
const CallLimits = z.object({ timeoutSeconds: z.number(), retries: z.number(), asks: z.boolean() });

const Answers = z.array(
  z.object({
    server: z.string(),
    error: z.string().optional(),
    ...Published.partial().shape,
    call: CallLimits.optional(),
    examples: z.array(Example).optional(),
    /** A sentence for each word that the reference does not know. */
    warnings: z.array(z.string()).optional(),
  }),
);

/** What the sources of a server say of its tools. */
export interface ToolSources extends Published {
  readonly call: Readonly<z.output<typeof CallLimits>>;
  readonly examples: readonly Example[];
}

/** By server; one whose tools cannot be loaded, or whose image is built elsewhere, has none. */
export interface PublishedTools {
  readonly byServer: ReadonlyMap<string, ToolSources>;
  readonly problems: readonly Problem[];
}

/**
 * Loads the tools of servers as the worker does, in a process of its own: what they do while they are imported stays
 * there, and no command that leaves them alone has them in its bundle. They see nothing of this environment, since what is
 * rendered may not depend on who renders it. What they said is remembered until a source changes.
 */
export function publishedTools(root: string, servers: readonly Server[]): PublishedTools {
  const asked = servers.flatMap(({ name: server, toolkit, env }) => (toolkit ? [{ server, toolkit, env }] : []));
  if (asked.length === 0) return { byServer: new Map(), problems: [] };
  const input = JSON.stringify(asked);
  const known = recall(root, input);
  const answer = known ?? load(root, input);
  if (typeof answer !== 'string') return { byServer: new Map(), problems: [answer] };
  const byServer = new Map<string, ToolSources>();
  const problems = Answers.parse(JSON.parse(answer)).flatMap(
    ({ server, toolkit, tools, resources, call, examples = [], warnings = [], error }) => {
      if (toolkit && tools && call)
        byServer.set(server, { toolkit, tools, call, examples, ...(resources && { resources }) });
      return error === undefined ? warnings.map((warning) => unknownWord(server, warning)) : [toolLoad(server, error)];
    },
  );
  if (known === undefined && problems.every(({ level }) => level === 'warning')) remember(root, input, answer);
  return { byServer, problems };
}

/** What the process of the tools answers, or why there is no answer. */
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
  const said = `${stdout}${stderr}`.trim();
  if (status !== 0 || !answer) return notLoaded(status, said);
  if (said !== '') process.stderr.write(`${said}\n`);
  return answer;
}

/**
 * The launcher names its bundle by the state of every source and of what is installed (cli/run.mjs).
 * @default - this is no bundle, as in a test, and nothing is remembered
 */
const stateOfSources = /\.([0-9a-f]{16})\.cjs$/.exec(__filename)?.[1];

const keptFile = '.cache/published-tools.json';

/** Over everything that is kept and what it was asked for: a text that has changed since is not taken. */
function keptText(input: string, answer: string): string {
  const parts = JSON.stringify([stateOfSources, input, answer]);
  return `${createHash('sha256').update(parts).digest('hex')}\n${answer}`;
}

function recall(root: string, input: string): string | undefined {
  if (stateOfSources === undefined || !existsSync(join(root, keptFile))) return undefined;
  const kept = readFileSync(join(root, keptFile), 'utf8');
  const answer = kept.slice(kept.indexOf('\n') + 1);
  return kept === keptText(input, answer) ? answer : undefined;
}

function remember(root: string, input: string, answer: string): void {
  if (stateOfSources === undefined) return;
  const file = join(root, keptFile);
  try {
    mkdirSync(dirname(file), { recursive: true });
    // In one step: another command may be reading it at this moment.
    writeFileSync(`${file}.${process.pid}`, keptText(input, answer));
    renameSync(`${file}.${process.pid}`, file);
  } catch {
    // The next run loads them again: slower, and as right.
  }
}

/** The same servers, with what their tools say of calls. */
export function withCallLimits(servers: readonly Server[], byServer: PublishedTools['byServer']): readonly Server[] {
  return servers.map((server) => ({ ...server, call: byServer.get(server.name)?.call ?? server.call }));
}

function toolLoad(server: string, reason: string): Problem {
  // The worker's own message leads with the same words, and names each tool on a line of its own.
  const lines = reason.replace(/^Cannot load the tools:\n/, '\n').replaceAll('\n  ', '\n');
  return new Problem('TOOL-LOAD', `Cannot load the tools of ${server}: ${lines.trimEnd()}`, {
    file: `servers/${server}/tools`,
    fix: `correct what is named; npm run dev -- ${server} tries it at every change`,
  });
}

function unknownWord(server: string, warning: string): Problem {
  return new Problem('TOOL-WORD', `Cannot tell whether an engine takes what ${server} says of ${warning}`, {
    file: `servers/${server}/tools`,
    fix: 'correct the word, or leave it if the engine in use is newer',
    level: 'warning',
  });
}

/** Nothing was loaded at all: one source that cannot be read keeps all of them from being bundled. */
function notLoaded(status: number | null, said: string): Problem {
  // The launcher ends in a line about itself; which line of which file is wrong stands before it.
  const reason = said.replace(/\n*Cannot start: .*$/, '') || `their process ended with ${status} and without a word`;
  return new Problem('TOOL-LOAD', `Cannot load the tools of the servers: ${reason}`, {
    file: 'servers',
    fix: 'correct the file that is named, then run this again',
  });
}
