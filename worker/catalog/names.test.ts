import vectors from '../../testing/exchanges/vectors/worker-names.json';
import { isServerName, isToolName, normalVersion, toolkitNameOf, toolNameOf } from './names';

test.each(Object.entries(vectors.tools))('the tool %j is published as %j', (source, published) => {
  expect(toolNameOf(source)).toBe(published);
});

test.each(Object.entries(vectors.toolkits))('the toolkit %j is published as %j', (source, published) => {
  expect(toolkitNameOf(source)).toBe(published);
});

test.each(Object.entries(vectors.versions))('the version %j is published as %j', (source, published) => {
  expect(normalVersion(source) ?? null).toBe(published);
});

test.each(Object.entries(vectors.app_names))('the server name %j is accepted: %j', (name, isAccepted) => {
  expect(isServerName(name)).toBe(isAccepted);
});

test.each([
  ['multiply', true],
  ['list_items_v2', true],
  ['http2_get', true],
  ['Multiply_It', false],
  ['multiplyIt', false],
  ['multiply-it', false],
  ['multiply__it', false],
  ['_multiply', false],
  ['multiply_', false],
  ['2fast', false],
  ['', false],
])('the file name %j is a tool name: %j', (name, isAccepted) => {
  expect(isToolName(name)).toBe(isAccepted);
});
