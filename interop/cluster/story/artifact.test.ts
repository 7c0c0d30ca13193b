import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../../../testing/temp-repository';
import { filesInArchive } from './artifact';

test('the files of an archive are named, and its folders are not', () => {
  const long = `${'folder/'.repeat(20)}file.yaml`;
  const files = { 'a.yaml': 'x'.repeat(1000), 'empty.yaml': '', [long]: 'x'.repeat(512) };
  const { root, git } = repository(files);
  git('archive', '--output', 'archive.tar.gz', 'HEAD');
  const named = filesInArchive(readFileSync(join(root, 'archive.tar.gz')));
  expect(named).toEqual(Object.keys(files).sort());
});
