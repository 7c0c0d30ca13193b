import { isOlder, parseImage } from './image';

test.each([
  ['1.0.1', '1.0.2'],
  ['1.0.9', '1.0.10'],
  ['v1.9.0', '1.10.0'],
  ['1.0.0-rc.1', '1.0.0'],
  ['1.0.0-rc.2', '1.0.0-rc.10'],
  ['1.0.0-2', '1.0.0-rc'],
  ['1.0.0-rc', '1.0.0-rc.1'],
  ['1.0.0', '1.0.0.1'],
  ['1.0.0.99', '1.0.0.100'],
  ['1.0.0-build.20260101', '1.0.0-build.20260102'],
])('%s is older than %s', (first, second) => {
  expect([older(first, second), older(second, first), older(first, first)]).toEqual([true, false, false]);
});

test('a commit is neither older nor newer than a version or another commit', () => {
  expect([older('abc1234', '1.0.0'), older('1.0.0', 'abc1234'), older('abc1234', 'abc1235')]).toEqual([
    false,
    false,
    false,
  ]);
});

function older(first: string, second: string): boolean | undefined {
  const [image, than] = [parseImage(`registry.example.com/a:${first}`), parseImage(`registry.example.com/a:${second}`)];
  return image && than && isOlder(image, than);
}
