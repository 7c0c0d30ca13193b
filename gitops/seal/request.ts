import { Problem } from '../../model/problem';
import { isSecretKey, type Scope, scopeOf, secretKeyRule } from '../../model/sealed';
import type { Source } from './read-plaintext';

/** The flags of `npm run seal`, as parseArgs takes them. */
export const sealFlags = {
  'from-file': { type: 'string' },
  'from-env': { type: 'string' },
  generate: { type: 'boolean' },
  'plaintext-out': { type: 'string' },
  scope: { type: 'string' },
  'allow-empty': { type: 'boolean' },
  'trim-newline': { type: 'boolean' },
  'check-key-file': { type: 'string' },
  rotate: { type: 'boolean' },
  finish: { type: 'boolean' },
  drop: { type: 'boolean' },
  status: { type: 'boolean' },
  'verify-with': { type: 'string', multiple: true },
  'fetch-cert': { type: 'string' },
  'allow-http': { type: 'boolean' },
} as const;

/** The flags as they were given. */
export type SealFlags = {
  readonly [flag in keyof typeof sealFlags]?:
    | ((typeof sealFlags)[flag]['type'] extends 'boolean' ? boolean : flag extends 'verify-with' ? string[] : string)
    | undefined;
};

export const sealUsage = `npm run seal -- <server> <KEY>                          the value from standard input
npm run seal -- <server> <KEY> --from-file <path>       … from a file (- is standard input)
npm run seal -- <server> <KEY> --from-env <NAME>        … from an environment variable
npm run seal -- <server> <KEY> --generate [--plaintext-out <path>]
                                                        32 random bytes, shown once, or written for the owner to read
    --scope strict|namespace-wide|cluster-wide          how far the value may travel; strict by default
    --allow-empty  --trim-newline                       an empty value is meant; a newline at the end is not
    --check-key-file <path>                             keeps the ciphertext of a value that is the same
                                                        (or the key itself in SEAL_CHECK_KEY)
npm run seal -- <server> <KEY> --rotate [--plaintext-out <path>]
                                                        a new value beside the current one, then the steps to take
    --from-file, --from-env, --verify-with              seals the current value anew; otherwise it is moved as it is
npm run seal -- <server> <KEY> --finish                 ends the rotation: drops the previous value
npm run seal -- <server> <KEY> --drop                   removes one sealed value
npm run seal -- --status [<server>] [--verify-with <private key>]
                                                        every sealed value and what is wrong with it
npm run seal -- <server> <KEY> --verify-with <private key> --plaintext-out <path>
                                                        recovery: opens one value into a new file
npm run seal -- --fetch-cert <url> [--allow-http]       the certificate that a controller serves`;

interface OfKey {
  readonly server: string;
  readonly key: string;
}

/** What a command line asks for. */
export type SealRequest =
  | (OfKey & {
      readonly kind: 'seal';
      readonly source: Source;
      readonly scope: Scope;
      readonly isEmptyAllowed: boolean;
      readonly isTrimmed: boolean;
      readonly plaintextOut: string | undefined;
      readonly checkKeyFile: string | undefined;
    })
  | (OfKey & {
      readonly kind: 'rotate';
      /** Where the current value comes from, to seal it anew. */
      readonly source: Source | undefined;
      readonly privateKeyFiles: readonly string[];
      readonly isTrimmed: boolean;
      readonly plaintextOut: string | undefined;
      readonly checkKeyFile: string | undefined;
    })
  | (OfKey & { readonly kind: 'finish' })
  | (OfKey & { readonly kind: 'drop' })
  | (OfKey & { readonly kind: 'recover'; readonly privateKeyFiles: readonly string[]; readonly plaintextOut: string })
  | { readonly kind: 'status'; readonly server: string | undefined; readonly privateKeyFiles: readonly string[] }
  | { readonly kind: 'fetch'; readonly url: string; readonly isHttpAllowed: boolean };

/** A request of one kind. */
export type RequestOf<Kind extends SealRequest['kind']> = Extract<SealRequest, { kind: Kind }>;

/**
 * Reads a command line. Nothing of it is repeated in a problem: it may hold a secret that does not belong there.
 * @throws Problem USAGE, NAME, SECRET-ARGV or SEAL-SCOPE
 */
export function sealRequest(flags: SealFlags, names: readonly string[]): SealRequest {
  const kind = kindOf(flags);
  refuseFlagsOf(kind, flags);
  const privateKeyFiles = flags['verify-with'] ?? [];
  if (kind === 'fetch') {
    if (names.length > 0) throw misused('--fetch-cert takes an address and nothing else');
    return { kind, url: flags['fetch-cert'] ?? '', isHttpAllowed: flags['allow-http'] ?? false };
  }
  if (kind === 'status') {
    if (names.length > 1) throw misused('--status takes one server at most');
    return { kind, server: names[0], privateKeyFiles };
  }
  const ofKey = serverAndKey(names);
  const plaintextOut = flags['plaintext-out'];
  const checkKeyFile = flags['check-key-file'];
  const isTrimmed = flags['trim-newline'] ?? false;
  if (kind === 'recover') {
    if (plaintextOut === undefined) throw misused('opening one value needs --plaintext-out <path>: it is not shown');
    return { kind, ...ofKey, privateKeyFiles, plaintextOut };
  }
  if (kind === 'rotate')
    return { kind, ...ofKey, source: sourceOf(flags), privateKeyFiles, isTrimmed, plaintextOut, checkKeyFile };
  if (kind !== 'seal') return { kind, ...ofKey };
  const source = sourceOf(flags) ?? { kind: 'stdin' };
  if (plaintextOut !== undefined && source.kind !== 'generated') {
    throw misused('--plaintext-out belongs to --generate, --rotate or --verify-with');
  }
  const scope = flags.scope === undefined ? 'strict' : scopeOf(flags.scope);
  return {
    kind,
    ...ofKey,
    source,
    scope,
    isEmptyAllowed: flags['allow-empty'] ?? false,
    isTrimmed,
    plaintextOut,
    checkKeyFile,
  };
}

function kindOf(flags: SealFlags): SealRequest['kind'] {
  const asked = (
    [
      ['fetch', flags['fetch-cert'] !== undefined],
      ['status', flags.status],
      ['rotate', flags.rotate],
      ['finish', flags.finish],
      ['drop', flags.drop],
    ] as const
  ).filter(([, isAsked]) => isAsked);
  const [first, second] = asked;
  if (second !== undefined) throw misused('it asks for two things at once');
  if (first !== undefined) return first[0];
  return flags['verify-with'] === undefined ? 'seal' : 'recover';
}

function refuseFlagsOf(kind: SealRequest['kind'], flags: SealFlags): void {
  const allowed: readonly string[] = allowedFlags[kind];
  const others = Object.entries(flags).filter(
    ([flag, value]) => value !== undefined && value !== false && !allowed.includes(flag),
  );
  const known = others.map(([flag]) => flag).filter((flag) => flag in sealFlags);
  if (known.length > 0) throw misused(`--${known.join(', --')} does not belong to this form`);
}

const sources = ['from-file', 'from-env', 'trim-newline', 'plaintext-out', 'check-key-file'] as const;

const allowedFlags: Readonly<Record<SealRequest['kind'], readonly (keyof typeof sealFlags)[]>> = {
  seal: [...sources, 'generate', 'scope', 'allow-empty'],
  rotate: [...sources, 'generate', 'rotate', 'verify-with'],
  finish: ['finish'],
  drop: ['drop'],
  recover: ['verify-with', 'plaintext-out'],
  status: ['status', 'verify-with'],
  fetch: ['fetch-cert', 'allow-http'],
};

function serverAndKey(names: readonly string[]): OfKey {
  const [server, key, ...more] = names;
  if (more.length > 0 || key?.includes('=') || server?.includes('=')) {
    throw new Problem(
      'SECRET-ARGV',
      'Cannot take a value from the command line: other users and logs can read it there',
      {
        fix: 'count the value as leaked and use another; give that one on standard input, with --from-file or --from-env',
      },
    );
  }
  if (server === undefined || key === undefined) throw misused('it names no server and key');
  if (!isSecretKey(key)) {
    throw new Problem('NAME', 'Cannot seal under this key: it is not the name of a secret', { fix: secretKeyRule });
  }
  return { server, key };
}

function sourceOf(flags: SealFlags): Source | undefined {
  const { 'from-file': path, 'from-env': name, generate, rotate } = flags;
  // A rotation generates its new value anyway; the source is that of the current one.
  const given: Source[] = [
    ...(path === undefined ? [] : [path === '-' ? ({ kind: 'stdin' } as const) : ({ kind: 'file', path } as const)]),
    ...(name === undefined ? [] : [{ kind: 'environment', name } as const]),
    ...(generate && !rotate ? [{ kind: 'generated' } as const] : []),
  ];
  if (given.length > 1) throw misused('it names two sources of the value');
  return given[0];
}

function misused(reason: string): Problem {
  return new Problem('USAGE', `Cannot do this: ${reason}`, { fix: 'npm run seal -- --help' });
}
