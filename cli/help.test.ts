import { scripts } from '../package.json';
import { verbs } from './verbs';

test('every npm script is listed, under one aim', () => {
  const listed = Object.values(verbs).flatMap((commands) => Object.keys(commands));
  const isTest = (name: string) => name.startsWith('test');
  const wanted = Object.keys(scripts).map((name) => (isTest(name) ? 'test' : name));
  expect(listed.map((command) => command.split(' ').at(-1)).sort()).toEqual([...new Set(wanted)].sort());
});

test('no line is wider than 80 columns', () => {
  const lines = Object.values(verbs).flatMap((commands) => Object.values<string>(commands));
  expect(lines.filter((line) => line.length > 80 - 27)).toEqual([]);
});
