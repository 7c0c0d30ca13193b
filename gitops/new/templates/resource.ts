import { defineResource } from '#tool';

// An example to edit. People and models read a resource without calling a tool. Instead of `text`, its content may be a file
// in this folder (file: 'on-call.md') or come from a function (read: …); with variables in the URI, one function serves many.
export default defineResource({
  uri: 'docs://on-call',
  title: 'On call',
  description: 'First steps for whoever is on call.',
  mimeType: 'text/markdown',
  text: '# On call\n\n1. Read the alert.\n2. Find its runbook.\n',
});
