import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { problemsOf } from '../../testing/problems';
import { isAlive, Lock, type ProcessId, processOf } from './lock';
import { stopAll } from './processes';

const running: ProcessId[] = [];
afterAll(() => stopAll(running, 0));

test('refuses a second run, naming the process that runs the cluster and its kubeconfig', () => {
  const lock = new Lock(emptyFolder());
  lock.take('/cluster/admin.kubeconfig');
  const [problem] = problemsOf(() => lock.take('/another'));
  expect(problem).toMatchObject({ code: 'USAGE', fix: expect.stringContaining('-- cluster --stop') });
  expect(problem?.message).toContain(`process ${process.pid} is running one, kubeconfig /cluster/admin.kubeconfig`);
  lock.drop();
  expect(problemsOf(() => lock.take('/another'))).toEqual([]);
});

test('names the processes that a killed run left behind, which stopAll kills when they ignore SIGTERM', async () => {
  const folder = emptyFolder();
  const reused = { ...(await started('')), started: '0' };
  const deaf = await started("process.on('SIGTERM', () => undefined);");
  writeFileSync(
    join(folder, 'cluster.lock.json'),
    JSON.stringify({ owner: reused, parts: [reused, deaf], kubeconfig: '' }),
  );
  const lock = new Lock(folder);
  const [problem] = problemsOf(() => lock.take('/cluster'));
  expect(problem?.message).toMatch(new RegExp(`left part \\(${deaf.pid}\\) running$`));
  process.kill(deaf.pid, 'SIGSTOP');
  await stopAll([reused, deaf], 50);
  const survivor = { ...reused, started: processOf('', reused.pid)?.started ?? '' };
  expect([isAlive(deaf), isAlive(survivor)]).toEqual([false, true]);
  lock.take('/cluster');
  expect(lock.holder()).toMatchObject({ owner: { pid: process.pid }, parts: [] });
});

test('lets one of two runs take over a stale lock', async () => {
  const folder = emptyFolder();
  const dead = { ...(await started('')), started: '0' };
  writeFileSync(join(folder, 'cluster.lock.json'), JSON.stringify({ owner: dead, parts: [], kubeconfig: '' }));
  const first = new Lock(folder);
  const second = new (class extends Lock {
    /** Reads the lock right before the first run takes it. */
    override holder() {
      const found = super.holder();
      first.take('/first');
      return found;
    }
  })(folder);
  const [problem] = problemsOf(() => second.take('/second'));
  expect(problem?.message).toBe('Cannot start a cluster: another run is starting one right now');
  expect(first.holder()?.kubeconfig).toBe('/first');
  expect(readdirSync(folder)).toEqual(['cluster.lock.json']);
});

test('lets one of two runs create the lock', () => {
  const folder = emptyFolder();
  const first = new Lock(folder);
  const second = new (class extends Lock {
    override holder() {
      first.take('/first');
      return undefined;
    }
  })(folder);
  expect(problemsOf(() => second.take('/second'))).toMatchObject([{ code: 'USAGE' }]);
  expect(first.holder()?.kubeconfig).toBe('/first');
});

test('names a folder that is not writable', () => {
  const file = join(emptyFolder(), 'file');
  writeFileSync(file, '');
  const [problem] = problemsOf(() => new Lock(join(file, 'below')).take('/cluster'));
  expect(problem).toMatchObject({ code: 'TOOL-MISSING', fix: `make ${join(file, 'below')} writable for this user` });
});

function emptyFolder(): string {
  return mkdtempSync(join(tmpdir(), 'lock-'));
}

/** A process that runs until it is killed. */
async function started(script: string): Promise<ProcessId> {
  const program = `${script} setInterval(() => undefined, 1000); console.log('ready')`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  const id = processOf('part', child.pid ?? 0);
  if (id === undefined) throw new Error('the process is not running');
  running.push(id);
  return id;
}
