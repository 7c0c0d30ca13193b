import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { drawFirstSuccess, picture } from './testing/pages/first-success';
import { textOfSvg } from './testing/pages/terminal-svg';

// Part of the project `copies`, because the picture shows the sample: a team that changes or ejects it keeps the picture.
test('the picture of the README shows what its commands print; node cli/run.mjs testing/pages/first-success.command.ts draws it', async () => {
  const drawn = await drawFirstSuccess();
  const committed = readFileSync(join(__dirname, picture), 'utf8');
  expect(textOfSvg(drawn)).toMatch(/^\$ npm run synth\n[\s\S]*unchanged[\s\S]*\n\$ npm run call -- whoami\n[\s\S]*@/);
  expect(textOfSvg(committed)).toBe(textOfSvg(drawn));
  expect(committed).toBe(drawn);
});
