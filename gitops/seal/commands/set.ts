import type { Flags } from '../../../cli/command';
import { stopOnErrors } from '../../../model/problem';
import { defaultScope, scopeOf } from '../../../model/scope';
import { type Sealable, sealCommand } from '../../../model/sealed';
import { contract } from '../../../worker/contract';
import { decide } from '../decide';
import { byteCount, checkPlaintext } from '../plaintext';
import { handOver, outletFor } from '../plaintext-out';
import { readPlaintext, type Source } from '../read-plaintext';
import { plaintextBytesOf, writeValue } from '../seal-value';
import { answer, certificatesOf } from '../seal-world';
import { misused, serverAndKey, subcommand, targetOf } from '../subcommand';

const options = {
  'from-file': { type: 'string' },
  'from-env': { type: 'string' },
  generate: { type: 'boolean' },
  'plaintext-out': { type: 'string' },
  'trim-newline': { type: 'boolean' },
  'keep-newline': { type: 'boolean' },
  'allow-empty': { type: 'boolean' },
  scope: { type: 'string' },
} as const;

/** Seals one value. Checks everything else before it asks for the value. */
export const set = subcommand({
  usage: {
    forms: { 'npm run seal -- set <server> <KEY>': 'seals one value: from standard input, typed, or generated' },
    flags: {
      '--from-file <path>': 'reads the value from a file; - is standard input',
      '--from-env <NAME>': 'reads it from an environment variable',
      '--generate': '32 random bytes as text, shown once on a terminal, or written to',
      '--plaintext-out <path>': 'a new file that only you can read and git ignores',
      '--trim-newline': 'drops a newline at the end of the value',
      '--keep-newline': 'keeps it, as a part of the value',
      '--scope <word>': 'where the cluster may open it: namespace-wide (default) or cluster-wide',
      '--allow-empty': 'seals an empty value; never for the worker secret',
    },
    notes: [
      'A value is never taken from the command line, which other users and logs can read. Without a flag it comes from standard input; a terminal asks for it and does not show it.',
      'A newline at the end is refused unless one of the two flags says what to do with it: editors and echo add one.',
    ],
    examples: [
      'npm run seal -- set weather API_KEY < key.txt',
      'npm run seal -- set weather ARCADE_WORKER_SECRET --generate',
    ],
  },
  options,
  async run(flags, names, world) {
    serverAndKey(names);
    const source = sourceOf(flags);
    const scope = scopeOf(flags.scope ?? defaultScope);
    const { server, key, file } = targetOf(names, world, 'set');
    const { name, sealedFile } = server;
    const certificates = certificatesOf(world);
    const kept = decide(server, file, { kind: 'set', key, scope }, certificates.known);
    const outlet = source.kind === 'generated' ? outletFor(flags['plaintext-out'], server, world) : undefined;
    const secret = await readPlaintext(source, key, flags['trim-newline'] ?? false, world);
    try {
      const { length } = secret.reveal();
      const about = checkPlaintext({
        ...{ server, key, bytes: secret.reveal(), otherBytes: plaintextBytesOf(kept) },
        isEmptyAllowed: flags['allow-empty'] ?? false,
        isNewlineAllowed: flags['keep-newline'] ?? false,
      });
      stopOnErrors(about);
      const { place, warnings } = writeValue({ server, key, secret, scope, certificates, file, kept, outlet }, world);
      const replaces = file.sealed.get(key)?.sealedOn;
      const mark = certificates.pinned.isSample ? ' (sample)' : '';
      const done = [
        `✓ ${key} of ${name} is sealed: ${byteCount(length)}, ${scope}, for the namespace ${place.namespace}`,
        `  under ${place.certSha256.slice(0, 16)}…${mark}, in ${sealedFile}`,
        ...(replaces === undefined ? [] : [`  replaces the value sealed on ${replaces}${afterReplacing(server, key)}`]),
        '  next  npm run synth',
        ...(flags['plaintext-out'] === undefined ? [] : [`  then  ${handOver(key, flags['plaintext-out'])}`]),
      ].join('\n');
      return answer(world, { server: name, key, replaces, ...place, file: sealedFile }, done, [...about, ...warnings]);
    } finally {
      secret.wipe();
    }
  },
});

function sourceOf(flags: Flags<typeof options>): Source {
  const { 'from-file': path, 'from-env': name, generate } = flags;
  if ([path, name, generate || undefined].filter((given) => given !== undefined).length > 1) {
    throw misused('it names more than one source for the value');
  }
  if (flags['plaintext-out'] !== undefined && !generate) throw misused('--plaintext-out requires --generate');
  if (flags['trim-newline'] && flags['keep-newline'])
    throw misused('--trim-newline and --keep-newline cannot be combined');
  if (generate) return { kind: 'generated' };
  if (name !== undefined) return { kind: 'environment', name };
  return path === undefined || path === '-' ? { kind: 'stdin' } : { kind: 'file', path };
}

/** Of all secrets, only the worker secret is also known to the engine. */
function afterReplacing(server: Sealable, key: string): string {
  if (key !== contract.env.secret) return '';
  return `; if this is another value, the engine still has the previous one (${sealCommand(server, key, 'rotate')} changes it without an outage)`;
}
