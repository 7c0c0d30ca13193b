import { defineResource } from '#tool';

// A resource to change: what people and models may read without calling a tool. Its contents may also be a file beside this one
// (file: 'on-call.md'), or come from a function (read: …), which with variables in the URI serves many.
export default defineResource({
  uri: 'docs://on-call',
  title: 'On call',
  description: 'What whoever is on call looks at first.',
  mimeType: 'text/markdown',
  text: '# On call\n\n1. Read the alert.\n2. Find its runbook.\n',
});
