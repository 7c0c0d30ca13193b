import { unconfirmedPlatform } from '../../testing/fixtures';
import { project } from '../../testing/temp-repository';

const made = project();
const doctor = () => {
  const { status, stdout } = made.run('doctor', '--json');
  const { good, problems }: { good: string[]; problems: { code: string; level: string }[] } = JSON.parse(stdout);
  return { status, good, problems: problems.map(({ code, level }) => `${level} ${code}`) };
};

test('lists passed checks, and an unconfirmed fact blocks only a delivery', () => {
  expect(doctor()).toMatchObject({
    status: 0,
    good: expect.arrayContaining([`Node ${process.versions.node}`, 'git, on main']),
  });
  made.change(unconfirmedPlatform.source, (text) => text.replace("workspace: '", "workspace: 'confirm-"));
  expect(doctor()).toMatchObject({ status: 0, problems: expect.arrayContaining(['delivery DNS-ZONE-UNSET']) });
});

test('lists a stale dist/ or an invalid declaration before problems that block only a delivery', () => {
  const path = 'servers/reference/server.ts';
  const before = made.read(path);
  made.write(path, before.replace(/team: '.*?'/, "team: 'other'"));
  expect(doctor()).toMatchObject({ status: 1, problems: expect.arrayContaining(['error DIST-STALE']) });
  expect(doctor().problems[0]).toBe('error DIST-STALE');
  made.write(path, before.replace(/team: '.*?'/, "team: 'No Team'"));
  expect(doctor().problems[0]).toBe('error SERVER-FIELD');
});
