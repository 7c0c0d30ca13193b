import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testServer } from '../../testing/fixtures';
import { addOwners, organizationProblems, ownerProblems, removeOwners } from './owners';

const server = testServer({ team: 'dispatch' });
const line = `/servers/${server.name}/`;

/** A repository with these lines in .github/CODEOWNERS. */
function repositoryWith(...lines: readonly string[]): string {
  const root = mkdtempSync(join(tmpdir(), 'owners-'));
  mkdirSync(join(root, '.github'));
  writeFileSync(join(root, '.github/CODEOWNERS'), `${lines.join('\n')}\n`);
  return root;
}

const textIn = (root: string) => readFileSync(join(root, '.github/CODEOWNERS'), 'utf8');
const all = '* @acme/infra';

test.each([
  ['no line', [all], 'no line for it'],
  ['a line without an owner', [all, line], 'nobody, and its team is "dispatch"'],
  ['the line of another team', [all, `${line} @acme/other`], '@acme/other, and its team is "dispatch"'],
  ['a later line of another team', [all, `${line} @acme/dispatch`, `${line} @acme/other`], '@acme/other, and'],
  ['a team in a comment', [all, `# ${line} @acme/dispatch`], 'no line for it'],
])('warns of a server with %s, and shows the line to write', (_, lines, found) => {
  expect(ownerProblems(repositoryWith(...lines), [server])).toMatchObject([
    {
      code: 'OWNER-MISSING',
      level: 'warning',
      message: expect.stringContaining(found),
      fix: `write there: ${line} @acme/dispatch`,
    },
  ]);
});

test('accepts a line with the team among its owners, and a repository without the file', () => {
  expect(ownerProblems(repositoryWith(all, `${line}  @ann @acme/dispatch`), [server])).toEqual([]);
  expect(ownerProblems(mkdtempSync(join(tmpdir(), 'owners-')), [server])).toEqual([]);
});

test('adds the line of a new server in the organization of the others, and removes it again', () => {
  const root = repositoryWith('# by @someone/else', all);
  expect(addOwners(root, [server])).toEqual(['.github/CODEOWNERS']);
  expect(textIn(root)).toBe(`# by @someone/else\n${all}\n${line} @acme/dispatch\n`);
  expect(addOwners(root, [server])).toEqual([]);
  expect(removeOwners(root, [server.name])).toEqual(['.github/CODEOWNERS']);
  expect(textIn(root)).toBe(`# by @someone/else\n${all}\n`);
  expect(removeOwners(root, [server.name])).toEqual([]);
});

test('says that the organization is not confirmed until somebody writes it', () => {
  expect(organizationProblems(repositoryWith('* @confirm-organization/infra'))).toMatchObject([
    { code: 'OWNER-UNSET' },
  ]);
  expect(organizationProblems(repositoryWith(all))).toEqual([]);
});
