import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { freePort } from '../free-port';
import { workingCopy } from '../repository-copy';
import { terminalSvg } from './terminal-svg';

/** The path of the README's picture, from the root. */
export const picture = 'docs/first-success.svg';

/** Draws the picture: runs the first commands of the README in a copy of this repository that is like a fresh clone. */
export async function drawFirstSuccess(): Promise<string> {
  const root = workingCopy();
  try {
    const ports = { ARCADE_SERVER_PORT: String(await freePort()), WORKER_OPERATIONS_PORT: String(await freePort()) };
    const synth = shown(root, 'npm run synth', ports);
    const dev = spawn(process.execPath, ['cli/run.mjs', 'worker/dev/dev.command.ts'], {
      cwd: root,
      env: environment(ports),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    for await (const chunk of dev.stdout) if (String(chunk).includes('worker started')) break;
    const call = shown(root, 'npm run call -- whoami', ports);
    dev.kill();
    await once(dev, 'exit');
    const title = 'npm run synth lists the rendered files; npm run call prints the answer of a tool';
    return terminalSvg(title, `${synth}\n\n${dim('# in a second terminal, while npm run dev runs')}\n${call}`);
  } finally {
    rmSync(root, { recursive: true });
  }
}

/** Runs a command. Returns it with its output, both streams in the order in which a terminal shows them. */
function shown(root: string, command: string, ports: Readonly<Record<string, string>>): string {
  const { status, stdout } = spawnSync('sh', ['-c', `${command} 2>&1`], {
    cwd: root,
    env: environment(ports),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${command} ended with ${status}:\n${stdout}`);
  return `${dim('$')} ${bold(command)}\n${stdout.trim().replaceAll(/^> .*/gm, dim)}`;
}

/** The environment of a command: colours as on a terminal, and nothing from the npm or Jest that runs this. */
function environment(ports: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|INIT_CWD$|JEST_|NODE_ENV$|GIT_|NO_COLOR$|CI$)/.test(name),
  );
  return { ...Object.fromEntries(inherited), ...ports, FORCE_COLOR: '1' };
}

const esc = String.fromCodePoint(0x1b);
const dim = (text: string) => `${esc}[2m${text}${esc}[22m`;
const bold = (text: string) => `${esc}[1m${text}${esc}[22m`;
