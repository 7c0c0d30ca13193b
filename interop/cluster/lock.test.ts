import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { problemsOf } from '../../testing/problems';
import { isAlive, Lock, type ProcessId, processOf } from './lock';
import { endAll } from './processes';

const running: ProcessId[] = [];
afterAll(() => endAll(running, 0));

test('a second run is told which process has the cluster, and where', () => {
  const lock = new Lock(emptyFolder());
  lock.take('/cluster/admin.kubeconfig');
  const [problem] = problemsOf(() => lock.take('/another'));
  expect(problem).toMatchObject({ code: 'USAGE', fix: expect.stringContaining('-- cluster --stop') });
  expect(problem?.message).toContain(`process ${process.pid} has one running, kubeconfig /cluster/admin.kubeconfig`);
  lock.drop();
  expect(problemsOf(() => lock.take('/another'))).toEqual([]);
});

test('what a run that was ended by force left behind is told, and ends when it is asked to or not', async () => {
  const folder = emptyFolder();
  const gone = { ...(await started('')), started: '0' };
  const deaf = await started("process.on('SIGTERM', () => undefined);");
  writeFileSync(
    join(folder, 'cluster.lock.json'),
    JSON.stringify({ owner: gone, parts: [gone, deaf], kubeconfig: '' }),
  );
  const lock = new Lock(folder);
  const [problem] = problemsOf(() => lock.take('/cluster'));
  expect(problem?.message).toMatch(new RegExp(`left part \\(${deaf.pid}\\) running$`));
  process.kill(deaf.pid, 'SIGSTOP');
  await endAll([gone, deaf], 50);
  expect([isAlive(deaf), isAlive({ ...gone, started: processOf('', gone.pid)?.started ?? '' })]).toEqual([false, true]);
  lock.take('/cluster');
  expect(lock.holder()).toMatchObject({ owner: { pid: process.pid }, parts: [] });
});

test('of two runs that find the lock of one that is gone, the first alone gets it', async () => {
  const folder = emptyFolder();
  const gone = { ...(await started('')), started: '0' };
  writeFileSync(join(folder, 'cluster.lock.json'), JSON.stringify({ owner: gone, parts: [], kubeconfig: '' }));
  const first = new Lock(folder);
  const second = new (class extends Lock {
    /** Reads it right before the other one takes it. */
    override holder() {
      const found = super.holder();
      first.take('/first');
      return found;
    }
  })(folder);
  const [problem] = problemsOf(() => second.take('/second'));
  expect(problem?.message).toBe('Cannot start a cluster: another run starts one at this moment');
  expect(first.holder()?.kubeconfig).toBe('/first');
  expect(readdirSync(folder)).toEqual(['cluster.lock.json']);
});

test('of two runs that find no lock, the first alone gets it', () => {
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

test('a folder that nobody may write to is named', () => {
  const file = join(emptyFolder(), 'file');
  writeFileSync(file, '');
  const [problem] = problemsOf(() => new Lock(join(file, 'below')).take('/cluster'));
  expect(problem).toMatchObject({ code: 'TOOL-MISSING', fix: `let this user write to ${join(file, 'below')}` });
});

function emptyFolder(): string {
  return mkdtempSync(join(tmpdir(), 'lock-'));
}

/** A process that runs until it is ended. */
async function started(script: string): Promise<ProcessId> {
  const program = `${script} setInterval(() => undefined, 1000); console.log('ready')`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  const id = processOf('part', child.pid ?? 0);
  if (id === undefined) throw new Error('it does not run');
  running.push(id);
  return id;
}
