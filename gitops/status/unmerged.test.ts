import { type Repository, repository } from '../../testing/temp-repository';
import { openCheckout } from '../deliver/checkout';
import { onlyHere } from './unmerged';

const base = 'apps/mcp';
const branch = 'mcp-servers/update-billing';
const files = {
  'apps/mcp/reference/server.yaml': 'reference: 1\n',
  'apps/mcp/billing/server.yaml': 'billing: 1\n',
  'apps/mcp/billing/ingress.yaml': 'billing: ingress\n',
};

/** A checkout on the branch of a delivery that changed billing. */
function delivered(change: (target: Repository) => void = update): Repository {
  const target = repository(files);
  target.git('switch', '--quiet', '--create', branch);
  change(target);
  target.commit();
  return target;
}

function update(target: Repository): void {
  target.write('apps/mcp/billing/server.yaml', 'billing: 2\n');
}

/** Makes the branch a remote's default branch, as a fetch after its merge does. */
function fetchAs(name: string): (target: Repository) => void {
  return (target) => {
    target.git('update-ref', `refs/remotes/origin/${name}`, 'HEAD');
    target.git('symbolic-ref', 'refs/remotes/origin/HEAD', `refs/remotes/origin/${name}`);
  };
}

/** Merges the branch as one new commit, next to another change of the main branch. */
function squash(target: Repository): void {
  target.git('switch', '--quiet', 'main');
  target.write('README.md', 'Theirs.\n');
  target.git('merge', '--quiet', '--squash', branch);
  target.commit();
  target.git('switch', '--quiet', branch);
}

function remove(target: Repository): void {
  target.git('rm', '--quiet', 'apps/mcp/billing/ingress.yaml');
}

test.each<[string, Repository, readonly string[]]>([
  ['a changed file of one server', delivered(), ['billing']],
  ['a removed file of one server', delivered(remove), ['billing']],
  ['a squashed merge', after(squash), []],
  ['a merge that was only fetched', after(fetchAs('main')), []],
  ['a merge into a default branch of another name', after(fetchAs('trunk')), []],
  ['no default branch', after(({ git }) => git('branch', '-m', 'main', 'old')), ['reference', 'billing']],
  ['the main branch', after(({ git }) => git('switch', '--quiet', 'main')), []],
  ['a branch of somebody else', after(({ git }) => git('switch', '--quiet', '--create', 'mine')), []],
])('finds the servers that are only on the branch of a delivery, with %s', (_name, { root }, expected) => {
  const checkout = openCheckout({ option: '--to', folder: root, repository: 'fleet', base }, '/');
  const isOnlyHere = onlyHere(checkout, base, { tool: 'mcp-servers' });
  const found = ['reference', 'billing'].filter((server) => isOnlyHere([`${base}/${server}/server.yaml`], server));
  expect(found).toEqual(expected);
});

function after(step: (target: Repository) => void): Repository {
  const target = delivered();
  step(target);
  return target;
}
