/** Every npm script by what a person wants to do: the command → what it does, in a few words. */
export const verbs = {
  'Start here': {
    'npm run doctor': 'what is missing here, in the order to do it',
    'npm run help': 'this list',
    'npm run explain': 'what a problem code means and what to do',
  },
  'Write a server': {
    'npm run new': 'a server, a tool, a resource or a platform',
    'npm run dev': 'a server here, restarted when a source changes',
    'npm run call': 'a tool of a running server',
    'npm start': 'a server as its image runs it',
    'npm run check': 'types, lint, examples, dist/ against the sources',
    'npm test': 'all tests; test:quick takes half a minute',
  },
  'Bring it to the cluster': {
    'npm run seal': 'encrypt, rotate and list secrets',
    'npm run synth': 'render every server into dist/',
    'npm run images': 'which images have to be built',
    'npm run bump': 'declare another image',
    'npm run rollback': 'declare the image before',
    'npm run deliver': 'dist/ into the target repositories',
    'npm run propose': 'the pull request of a delivery, for workflows',
  },
  'See how it runs': {
    'npm run status': 'declared, rendered, delivered, running',
    'npm run verify': 'ask a server what its callers will ask',
    'npm run register': 'tell the engine',
  },
  'Work on this product': {
    'npm run upgrade': 'bring all but your folders to a newer release',
    'npm run import': 'make imports/ from schemas of the cluster',
    'npm run interop': 'prove it against the real programs',
    'npm run bench': 'compare with peers',
  },
} as const;
