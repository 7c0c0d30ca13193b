import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';

/** The two interfaces of a server: for the engine, and for MCP clients. */
export type Area = 'worker' | 'mcp';

/**
 * The environment of each kind of server. `fixtures` also has the fixture tools, and `resources` the fixture resources, which
 * the reference supports since 1.32.
 */
export const environments = {
  base: { ARCADE_WORKER_SECRET: 'dev-worker-secret-not-for-production' },
  fixtures: { ARCADE_WORKER_SECRET: 'dev-worker-secret-not-for-production' },
  resources: { ARCADE_WORKER_SECRET: 'dev-worker-secret-not-for-production' },
  'no-secret': {},
  'auth-disabled': { ARCADE_WORKER_SECRET: 'dev-worker-secret-not-for-production', ARCADE_AUTH_DISABLED: 'true' },
} as const satisfies Record<string, Readonly<Record<string, string>>>;

/** The kind of server that a vector requires. */
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
  /** `subset` allows additional members at every level. @default - members must be the same */
  match: z.literal('subset').optional(),
  /** The response is a stream that stays open, so only its headers are compared. */
  stream: z.literal(true).optional(),
};
const answer = z.strictObject(answerMembers);

const token = z.strictObject({
  secret: z.string(),
  alg: z.string(),
  /** Usually an object, but a token may contain anything. */
  claims: z.unknown(),
  /** Overrides `{alg, typ}`; null removes a member. */
  header: z.record(z.string(), z.unknown()).optional(),
});

const vectorSchema = z.strictObject({
  name: z.string(),
  title: z.string(),
  note: z.string(),
  server: z.enum(serverKinds),
  /** The state of the MCP session before the request. */
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

/** The token to send with a vector. */
export type TokenRecipe = z.output<typeof token>;

/** An acceptable answer, with `same_as` resolved. */
export type ExpectedAnswer = Omit<z.output<typeof answer>, 'same_as'>;

/** One recorded exchange: a request, and every acceptable answer. */
export interface Vector extends Omit<z.output<typeof vectorSchema>, 'response' | 'alternatives' | 'legacy_1_17'> {
  readonly area: Area;
  /** Acceptable answers: the recorded one first, then the alternatives. */
  readonly answers: readonly [ExpectedAnswer, ...ExpectedAnswer[]];
}

/**
 * Reads the vectors of one interface for one kind of server, sorted by name.
 * @throws Error if a file is not a valid vector, or is not named after the vector
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

/** The nearest parent folder with a package.json: this code also runs from a bundle in build/. */
function repositoryRoot(from: string = __dirname): string {
  if (existsSync(join(from, 'package.json'))) return from;
  if (dirname(from) === from) throw new Error('There is no package.json above this program');
  return repositoryRoot(dirname(from));
}
