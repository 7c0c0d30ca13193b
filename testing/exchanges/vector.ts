import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';

/** The two halves of a server: what the engine calls, and what MCP clients call. */
export type Area = 'worker' | 'mcp';

/**
 * The environment of each kind of server that a vector may ask for; `fixtures` also has the fixture tools, and `resources` the
 * fixture resources, which the reference has from 1.32 on.
 */
export const environments = {
  base: { ARCADE_WORKER_SECRET: 'dev-worker-secret-not-for-production' },
  fixtures: { ARCADE_WORKER_SECRET: 'dev-worker-secret-not-for-production' },
  resources: { ARCADE_WORKER_SECRET: 'dev-worker-secret-not-for-production' },
  'no-secret': {},
  'auth-disabled': { ARCADE_WORKER_SECRET: 'dev-worker-secret-not-for-production', ARCADE_AUTH_DISABLED: 'true' },
} as const satisfies Record<string, Readonly<Record<string, string>>>;

export type ServerKind = keyof typeof environments;

/** Every kind of server, in a fixed order. */
export const serverKinds = [
  'base',
  'fixtures',
  'resources',
  'no-secret',
  'auth-disabled',
] as const satisfies readonly ServerKind[];

const headers = z.record(z.string(), z.string());

const answerMembers = {
  status: z.number().int(),
  headers: headers.optional(),
  body: z.unknown().optional(),
  raw_body: z.string().optional(),
  same_as: z.string().optional(),
  /** `subset` allows further members, at every level. @default - members must be the same */
  match: z.literal('subset').optional(),
  /** The answer stays open: its head is all there is to check. */
  stream: z.literal(true).optional(),
};
const answer = z.strictObject(answerMembers);

const token = z.strictObject({
  secret: z.string(),
  alg: z.string(),
  /** Usually an object, but a token may carry anything. */
  claims: z.unknown(),
  /** Laid over `{alg, typ}`; null leaves a member out. */
  header: z.record(z.string(), z.unknown()).optional(),
});

const vectorSchema = z.strictObject({
  name: z.string(),
  title: z.string(),
  note: z.string(),
  server: z.enum(serverKinds),
  /** Where the MCP connection must stand first. */
  state: z.enum(['none', 'open', 'ready', 'closed', 'unknown']).optional(),
  protocol_version: z.string().optional(),
  request: z.strictObject({
    method: z.string(),
    path: z.string(),
    headers: headers.optional(),
    token: token.optional(),
    authorization_prefix: z.string().optional(),
    body: z.unknown().optional(),
    raw_body: z.string().optional(),
    raw_body_base64: z.string().optional(),
  }),
  response: answer,
  alternatives: z.array(answer).optional(),
  legacy_1_17: z.unknown().optional(),
});

/** The token a vector asks for. */
export type TokenRecipe = z.output<typeof token>;

/** An answer that a vector accepts, with `same_as` already followed. */
export type ExpectedAnswer = Omit<z.output<typeof answer>, 'same_as'>;

/** One recorded exchange: a request, and every answer that a conforming server may give. */
export interface Vector extends Omit<z.output<typeof vectorSchema>, 'response' | 'alternatives' | 'legacy_1_17'> {
  readonly area: Area;
  /** Acceptable answers: the recorded one first, then the alternatives. */
  readonly answers: readonly [ExpectedAnswer, ...ExpectedAnswer[]];
}

/**
 * The exchanges of one half that run against one kind of server, in the order of their names.
 * @throws Error when a file is not a vector, is not named after itself, or nothing was found for a known pair
 */
export function vectorsFor(area: Area, server: ServerKind): readonly Vector[] {
  const folder = join(repositoryRoot(), 'testing', 'exchanges', 'vectors', area);
  const parsed = new Map(
    readdirSync(folder)
      .filter((file) => file.endsWith('.json'))
      .sort()
      .map((file) => {
        const vector = vectorSchema.parse(JSON.parse(readFileSync(join(folder, file), 'utf8')));
        if (`${vector.name}.json` !== file) throw new Error(`The vector "${vector.name}" is in the file "${file}"`);
        return [vector.name, vector] as const;
      }),
  );

  const resolve = ({ same_as, ...own }: z.output<typeof answer>): ExpectedAnswer => {
    if (same_as === undefined) return own;
    const other = parsed.get(same_as);
    if (other === undefined) throw new Error(`There is no vector "${same_as}" in "${area}"`);
    const { same_as: further, ...response } = other.response;
    if (further !== undefined) throw new Error(`The vector "${same_as}" is itself the same as "${further}"`);
    return { ...response, ...own, headers: { ...response.headers, ...own.headers } };
  };

  return [...parsed.values()]
    .filter((vector) => vector.server === server)
    .map(({ response, alternatives = [], legacy_1_17: _, ...rest }) => ({
      ...rest,
      area,
      answers: [resolve(response), ...alternatives.map(resolve)],
    }));
}

/** The nearest folder above with a package.json: sources run from where they lie and from a bundle in build/. */
function repositoryRoot(from: string = __dirname): string {
  if (existsSync(join(from, 'package.json'))) return from;
  if (dirname(from) === from) throw new Error('There is no package.json above this program');
  return repositoryRoot(dirname(from));
}
