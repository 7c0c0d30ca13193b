import vectors from '../vectors/worker-names.json';
import { isServerName, normalVersion, toolkitNameOf, toolNameOf } from './names';

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
