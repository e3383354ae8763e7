import graphql from "@graphql-eslint/eslint-plugin";

const { "flat/schema-recommended": schema, "flat/schema-relay": relay, "flat/operations-recommended": operations } =
  graphql.configs;

const described = {
  types: true,
  rootField: true,
  DirectiveDefinition: true,
  EnumValueDefinition: true,
  FieldDefinition: true,
  InputValueDefinition: true,
};

const [severity, naming] = schema.rules["@graphql-eslint/naming-convention"];

// Logical operators of filters, named as Prisma names them: they stand beside fields, and none of those is called so.
const logical = { InputValueDefinition: { style: "camelCase", ignorePattern: "^(AND|OR|NOT)$" } };

// What has an id is a Node, that clients can fetch again and keep by it. These stand in one, or in an answer, alone.
const parts = {
  exceptions: {
    suffixes: ["Connection", "Edge", "Payload"],
    types: [
      "JobAttempt",
      "JobProgress",
      "Money",
      "OrderLine",
      "OrderStep",
      "PageInfo",
      "QueueStatus",
      "SystemStatus",
      "UserError",
      "Viewer",
      // Its id is text that it chose itself, the same as in `JobAttempt.worker`; it is no Node.
      "Worker",
    ],
  },
};

// Connections answer `nodes` beside `edges`, as GitHub's do; what cannot grow is a list: `lines`, `userErrors`.
const edges = { listTypeCanWrapOnlyEdgeType: false };

const parsed = {
  parser: graphql.parser,
  parserOptions: { graphQLConfig: { schema: "schema.graphql", documents: "examples/operations/*.graphql" } },
};

export default [
  {
    files: ["schema.graphql"],
    languageOptions: parsed,
    plugins: { "@graphql-eslint": graphql },
    rules: {
      ...schema.rules,
      ...relay.rules,
      "@graphql-eslint/naming-convention": [severity, { ...naming, ...logical }],
      "@graphql-eslint/relay-edge-types": ["error", edges],
      "@graphql-eslint/require-description": ["error", described],
      "@graphql-eslint/strict-id-in-types": ["error", parts],
    },
  },
  {
    files: ["examples/operations/*.graphql"],
    languageOptions: parsed,
    plugins: { "@graphql-eslint": graphql },
    rules: operations.rules,
  },
];
