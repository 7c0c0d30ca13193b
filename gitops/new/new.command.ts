import { parseArgs } from 'node:util';
import { type Command, type Flags, type Options, runCommand } from '../../cli/command';
import { root } from '../../cli/root';
import { type Usage, usageText } from '../../cli/usage';
import { nearest } from '../../model/nearest';
import { Problem } from '../../model/problem';
import { facts } from './platform';
import { type Done, dropSample, startPlatform, startResource, startServer, startTool } from './run-new';

interface Form<O extends Options = Options> {
  readonly usage: Usage;
  readonly names: readonly string[];
  readonly options: O;
  start(flags: Flags<O>, names: readonly string[]): Done | Promise<Done>;
}

const server = form({
  usage: {
    forms: { 'npm run new -- server <name>': 'servers/<name>/: a declaration, one tool, and its sealed worker secret' },
    flags: {
      '--team <label>': 'the team that owns it',
      '--description <sentence>': 'its purpose',
      '--plaintext-out <path>': 'writes the worker secret to a new file that git ignores, instead of showing it once',
      '--no-seal': 'leaves its secret to be sealed later',
    },
    examples: ['npm run new -- server weather --team dispatch'],
  },
  names: ['name'],
  options: {
    team: { type: 'string' },
    description: { type: 'string' },
    'plaintext-out': { type: 'string' },
    'no-seal': { type: 'boolean' },
  },
  start: (flags, [name = '']) => startServer(root, flags, name),
});

const tool = form({
  usage: {
    forms: { 'npm run new -- tool <server> <name>': 'servers/<server>/tools/<name>.ts' },
    examples: ['npm run new -- tool weather forecast'],
  },
  names: ['server', 'name'],
  options: {},
  start: (_, [of = '', name = '']) => startTool(root, of, name),
});

const resource = form({
  usage: {
    forms: { 'npm run new -- resource <server> <name>': 'servers/<server>/resources/<name>.ts' },
    examples: ['npm run new -- resource weather regions'],
  },
  names: ['server', 'name'],
  options: {},
  start: (_, [of = '', name = '']) => startResource(root, of, name),
});

const platform = form({
  usage: {
    forms: { 'npm run new -- platform <name>': 'platforms/<name>.ts; a terminal asks for what no flag gives' },
    flags: {
      '--certificate <pem file>': 'the certificate of its cluster; without it, a sample to try with',
      ...Object.fromEntries(
        Object.entries(facts).map(([flag, { what, ...fact }]) => {
          const usual = 'usual' in fact ? fact.usual : undefined;
          const isOptional = usual === undefined || usual === '-';
          return [`--${flag} …`, `${usual === undefined ? 'required: ' : ''}${what}${isOptional ? '' : ` [${usual}]`}`];
        }),
      ),
    },
    notes: ['With --dns-none, it needs no --dns-repository; with --gateway, no --ingress-address.'],
    examples: [
      [
        'npm run new -- platform staging \\',
        '--registry registry.staging.example.com --zone staging.example.com \\',
        '--gitops-repository fleet --dns-repository dns \\',
        '--ingress-address ingress.staging.example.com',
      ].join('\n    '),
    ],
  },
  names: ['name'],
  options: { certificate: { type: 'string' }, ...facts },
  start: (flags, [name = '']) => startPlatform(root, flags, name),
});

const ejectSample = form({
  usage: {
    forms: { 'npm run new -- eject-sample': 'removes the server and the platform that came with the repository' },
    flags: { '--force': 'also removes what is in no commit' },
    examples: ['npm run new -- eject-sample'],
  },
  names: [],
  options: { force: { type: 'boolean' } },
  start: (flags) => dropSample(root, flags),
});

const forms: Readonly<Record<string, Form>> = { server, tool, resource, platform, 'eject-sample': ejectSample };
const allOptions: Options = Object.assign({}, ...Object.values(forms).map(({ options }) => options));

const overview = usageText({
  forms: Object.assign({}, ...Object.values(forms).map(({ usage }) => usage.forms)),
  flags: Object.fromEntries(
    Object.entries(forms).flatMap(([word, { usage }]) =>
      word === 'platform' ? [] : Object.entries(usage.flags ?? {}).map(([flag, what]) => [flag, `${word}: ${what}`]),
    ),
  ),
  notes: ['It overwrites nothing. The flags of platform: npm run new -- platform --help'],
  examples: [...server.usage.examples, ...tool.usage.examples],
});

runCommand(commandFor(process.argv.slice(2)));

/** Picks the command: one of the forms, or one that lists them and rejects any other word. */
function commandFor(args: string[]): Command<Options> {
  // With the flags of every form, so that the value of a flag before the form is not taken for it.
  const given = parseArgs({ args, options: allOptions, allowPositionals: true, strict: false });
  const [word = ''] = given.positionals;
  const found = Object.hasOwn(forms, word) ? forms[word] : undefined;
  if (found === undefined) return rejected(overview, () => unknownForm(word));
  const usage = usageText(found.usage);
  const isForeign = (flag: string) => Object.hasOwn(allOptions, flag) && !Object.hasOwn(found.options, flag);
  const foreign = Object.keys(given.values).filter(isForeign);
  if (foreign.length > 0)
    return rejected(usage, () => misused(`--${foreign.join(', --')} does not belong to "${word}"`, helpOf(word)));
  return { usage, options: found.options, run: (flags, [, ...names]) => start(word, found, flags, names) };
}

function rejected(usage: string, problem: () => Problem): Command<Options> {
  const run = (): never => {
    throw problem();
  };
  return { usage, options: allOptions, run };
}

async function start(word: string, { names: wanted, ...found }: Form, flags: Flags<Options>, names: readonly string[]) {
  if (names.length !== wanted.length)
    throw misused(`"${word}" takes ${wanted.map((name) => `<${name}>`).join(' ') || 'no name'}`, helpOf(word));
  const done = await found.start(flags, names);
  const { failure, ...paths } = done;
  if (failure !== undefined) process.stderr.write(`${failure.text}\n`);
  console.log(flags.json ? JSON.stringify(paths, null, 2) : describe(done));
  return failure === undefined ? 0 : 1;
}

/** Declares a form whose `start` is typed by its own flags. */
function form<const O extends Options>(declared: Form<O>): Form<O> {
  return declared;
}

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

function helpOf(word: string): string {
  return `npm run new -- ${word} --help`;
}

function misused(reason: string, fix = 'npm run new -- --help'): Problem {
  return new Problem('USAGE', `Cannot create anything: ${reason}`, { fix });
}
