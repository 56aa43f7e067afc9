// The import rules of the architecture: imports point down, adapters are blind to each other, and each native
// or heavy part is imported in one place only.
const inside = (...folders) => `^core/(${folders.join('|')})/`;

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'domain-imports-only-itself',
      comment: 'Pure data and rules: no adapter, no Node API, no package but the schema library.',
      severity: 'error',
      from: { path: inside('domain') },
      to: { pathNot: [inside('domain'), '^node_modules/zod/'] },
    },
    ...[
      ['der', 'DER, PEM and object identifiers'],
      ['disk', 'Files and folders that survive a power cut'],
    ].map(([folder, what]) => ({
      name: `${folder}-is-a-leaf`,
      comment: `${what}: shared by parts that must not see each other, so it sees none of them.`,
      severity: 'error',
      from: { path: inside(folder) },
      to: {
        path: '^(core|cli|electron|renderer|test)/|^node_modules/',
        pathNot: [inside('domain', folder), '^node_modules/@types/'],
      },
    })),
    ...['authority', 'link', 'inventory', 'edge', 'simulator'].map((folder) => ({
      name: `${folder}-is-blind-to-its-neighbours`,
      severity: 'error',
      from: { path: inside(folder) },
      to: { path: '^(core|cli|electron|renderer|test)/', pathNot: inside('domain', 'der', 'disk', folder) },
    })),
    {
      name: 'station-constructs-nothing',
      comment: 'The use cases see adapters as port types of their own; hosts construct them.',
      severity: 'error',
      from: { path: inside('station') },
      to: { path: '^(core|cli|electron|renderer|test)/', pathNot: inside('domain', 'station') },
    },
    {
      name: 'application-serves-hosts-only',
      comment: 'The use cases behind the contract: they stand on all of core, and nothing of core on them.',
      severity: 'error',
      from: { path: '^core/', pathNot: inside('application') },
      to: { path: inside('application') },
    },
    {
      name: 'contract-imports-domain',
      severity: 'error',
      from: { path: inside('contract') },
      to: { path: '^(core|cli|electron|renderer|test)/', pathNot: inside('domain', 'contract') },
    },
    {
      name: 'fake-station-is-never-shipped',
      comment: 'It signs nothing. Only its own page, its tests and its pictures may use it.',
      severity: 'error',
      from: { pathNot: '^(core/contract/fake/|renderer/fake/|test/)' },
      to: { path: '^core/contract/fake/' },
    },
    {
      name: 'renderer-imports-contract-and-words',
      comment: 'A sandboxed page: the contract, and types of the domain.',
      severity: 'error',
      from: { path: '^renderer/' },
      to: {
        path: '^(core|cli|electron|test)/',
        pathNot: inside('contract', 'domain'),
      },
    },
    {
      name: 'renderer-imports-only-types-of-domain',
      severity: 'error',
      from: { path: '^renderer/', pathNot: '^renderer/fake/' },
      to: { path: inside('domain'), dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'renderer-uses-no-node',
      severity: 'error',
      from: { path: '^renderer/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'core-knows-no-host',
      severity: 'error',
      from: { path: '^core/' },
      to: { path: '^(cli|electron|renderer|test)/|^node_modules/electron' },
    },
    {
      name: 'serialport-in-one-place',
      severity: 'error',
      from: { pathNot: '^(core/link/serial/|test/)' },
      to: { path: '^node_modules/(@serialport|serialport)/' },
    },
    {
      name: 'sqlite-in-one-place',
      severity: 'error',
      from: { pathNot: '^core/inventory/database/' },
      to: { path: '^node_modules/better-sqlite3/' },
    },
    {
      name: 'x509-in-one-place',
      severity: 'error',
      from: { pathNot: '^(core/authority/x509/|test/)' },
      to: { path: '^node_modules/(@peculiar|asn1js|reflect-metadata)/' },
    },
    {
      name: 'foreign-functions-in-one-place',
      severity: 'error',
      from: { pathNot: '^core/authority/pkcs11/' },
      to: { path: '^node_modules/(koffi|@koromix)/' },
    },
    {
      name: 'not-to-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'product-imports-no-development-tool',
      severity: 'error',
      from: { path: '^(core|cli)/' },
      to: { dependencyTypes: ['npm-dev'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
};
