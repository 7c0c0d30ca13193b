import { runCommand } from '../../cli/command';
import { root } from '../../cli/root';
import { usageText } from '../../cli/usage';
import { nearest } from '../../model/nearest';
import { Problem } from '../../model/problem';
import { facts } from './platform';
import { type Done, dropSample, type NewFlags, startPlatform, startResource, startServer, startTool } from './run-new';

interface Form {
  readonly names: readonly string[];
  readonly flags: readonly string[];
  start(flags: NewFlags, names: readonly string[]): Done | Promise<Done>;
}

/** The forms of the command: the names that each takes, and its flags. */
const forms: Readonly<Record<string, Form>> = {
  server: {
    names: ['name'],
    flags: ['team', 'description', 'no-seal', 'plaintext-out'],
    start: (flags, [name = '']) => startServer(root, flags, name),
  },
  tool: {
    names: ['server', 'name'],
    flags: [],
    start: (_, [server = '', name = '']) => startTool(root, server, name),
  },
  resource: {
    names: ['server', 'name'],
    flags: [],
    start: (_, [server = '', name = '']) => startResource(root, server, name),
  },
  platform: {
    names: ['name'],
    flags: ['certificate', ...Object.keys(facts)],
    start: (flags, [name = '']) => startPlatform(root, flags, name),
  },
  'eject-sample': { names: [], flags: ['force'], start: (flags) => dropSample(root, flags) },
};

const usage = usageText({
  forms: {
    'npm run new -- server <name>': 'servers/<name>/: a declaration, one tool, and its sealed worker secret',
    'npm run new -- tool <server> <name>': 'servers/<server>/tools/<name>.ts',
    'npm run new -- resource <server> <name>': 'servers/<server>/resources/<name>.ts',
    'npm run new -- platform <name>': 'platforms/<name>.ts; a terminal asks for what no flag gives',
    'npm run new -- eject-sample': 'removes the server and the platform that came with the repository',
  },
  flags: {
    '--team <label>': 'server: the team that owns it',
    '--description <sentence>': 'server: its purpose',
    '--plaintext-out <path>':
      'server: writes the worker secret to a new file that git ignores, instead of showing it once',
    '--no-seal': 'server: leaves its secret to be sealed later',
    '--certificate <pem file>': 'platform: the certificate of its cluster; without it, a sample to try with',
    ...Object.fromEntries(
      Object.entries(facts).map(([flag, { what, ...fact }]) => {
        const usual = 'usual' in fact ? fact.usual : undefined;
        const isOptional = usual === undefined || usual === '-';
        return [
          `--${flag} …`,
          `platform${usual === undefined ? ', required' : ''}: ${what}${isOptional ? '' : ` [${usual}]`}`,
        ];
      }),
    ),
    '--force': 'eject-sample: also removes what is in no commit',
  },
  notes: [
    'It overwrites nothing. With --dns-none, a platform needs no --dns-repository; with --gateway, no --ingress-address.',
  ],
  examples: ['npm run new -- server weather --team dispatch', 'npm run new -- tool weather forecast'],
});

runCommand({
  usage,
  options: {
    ...facts,
    team: { type: 'string' },
    description: { type: 'string' },
    'no-seal': { type: 'boolean' },
    'plaintext-out': { type: 'string' },
    certificate: { type: 'string' },
    force: { type: 'boolean' },
  },
  async run({ json = false, ...flags }, [word = '', ...names]) {
    const form = Object.hasOwn(forms, word) ? forms[word] : undefined;
    if (form === undefined) throw unknownForm(word);
    const foreign = Object.keys(flags).filter((flag) => !form.flags.includes(flag));
    if (foreign.length > 0) throw misused(`--${foreign.join(', --')} does not belong to "${word}"`);
    if (names.length !== form.names.length)
      throw misused(`"${word}" takes ${form.names.map((name) => `<${name}>`).join(' ') || 'no name'}`);
    const done = await form.start({ json, ...flags }, names);
    const { failure, ...paths } = done;
    if (failure !== undefined) process.stderr.write(`${failure.text}\n`);
    console.log(json ? JSON.stringify(paths, null, 2) : describe(done));
    return failure === undefined ? 0 : 1;
  },
});

function describe({ written, removed, rendered = 0, toSeal = 0, next, failure }: Done): string {
  const steps = failure === undefined ? next : ['fix the problems above, then npm run synth', ...next];
  return [
    ...written.map((path) => `✓ wrote    ${path}`),
    ...removed.map((path) => `✓ removed  ${path}`),
    ...(rendered > 0 ? [`✓ rendered dist/ (${counted(rendered, 'file')} changed)`] : []),
    ...(toSeal > 0 ? [`  written; ${counted(toSeal, 'secret')} to seal:`] : []),
    ...steps.map((step) => `  next     ${step}`),
  ].join('\n');
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function unknownForm(word: string): Problem {
  const known = Object.keys(forms);
  const meant = nearest(word, known);
  const reason = `the form is one of ${known.join(', ')}`;
  return meant === undefined ? misused(reason) : misused(reason, `npm run new -- ${meant}; --help shows every form`);
}

function misused(reason: string, fix = 'npm run new -- --help'): Problem {
  return new Problem('USAGE', `Cannot create anything: ${reason}`, { fix });
}
