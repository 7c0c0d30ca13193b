import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../../../testing/temp-repository';
import { filesInArchive } from './artifact';

test('lists the files of an archive, but not its folders', () => {
  const long = `${'folder/'.repeat(20)}file.yaml`;
  const files = { 'a.yaml': 'x'.repeat(1000), 'empty.yaml': '', [long]: 'x'.repeat(512) };
  const { root, git } = repository(files);
  git('archive', '--output', 'archive.tar.gz', 'HEAD');
  const listed = filesInArchive(readFileSync(join(root, 'archive.tar.gz')));
  expect(listed).toEqual(Object.keys(files).sort());
});
