// What generators for Swift and Kotlin could stumble over, and whether old parsers read the schema:
// node names.mjs SCHEMA OPERATIONS…
import { readFile } from "node:fs/promises";
import * as current from "graphql";
import * as former from "graphql-15";

// Keywords that Swift and Kotlin reserve everywhere; a property of this name has to be escaped.
const KEYWORDS = new Set(
  [
    "as associatedtype break case catch class continue default defer deinit do else enum extension fallthrough",
    "false fileprivate for func guard if import in init inout internal interface is let nil null object operator",
    "precedencegroup private protocol public repeat rethrows return self static struct subscript super switch this",
    "throw throws true try typealias typeof val var when where while",
  ].flatMap((words) => words.split(" ")),
);

// Types that every file in Swift or Kotlin sees, or that generated files have: one of the schema would hide them.
const TYPES = new Set(
  [
    "any array bool boolean byte char character companion data datadict dictionary document documenttype double",
    "error float fragmentcontainer fragments id int list long map mutation nothing optional parenttype protocol",
    "query schema selection self set short string subscription type unit void",
  ].flatMap((words) => words.split(" ")),
);

// Members that generated enums have of their own.
const MEMBERS = new Set(
  [
    "allcases companion entries hashvalue knownentries known none rawvalue self some type unknown unknown__",
    "valueof values",
  ].flatMap((words) => words.split(" ")),
);

// Filters have `in` as Prisma's have it; both generators have an escape for keywords as properties.
const ESCAPED = new Set(["TextWhere.in", "SlugWhere.in"]);

const ROOTS = new Set(["Query", "Mutation", "Subscription"]);
const SCALARS = ["DateTime", "Decimal", "Upload"];

const [sdl, ...operations] = await Promise.all(process.argv.slice(2).map((path) => readFile(path, "utf8")));
const found = [];

for (const [name, graphql] of [["graphql 16", current], ["graphql 15", former]]) {
  const schema = graphql.buildSchema(sdl);
  found.push(...graphql.validateSchema(schema).map((error) => `${name}: ${error.message}`));
  for (const operation of operations)
    found.push(...graphql.validate(schema, graphql.parse(operation)).map((error) => `${name}: ${error.message}`));
}

const types = current.parse(sdl).definitions.filter(({ kind }) => kind.endsWith("TypeDefinition"));

// Each type is a file, and file systems of Macs do not tell names apart by case.
twins("types", types.map(({ name }) => name.value));
for (const { kind, name, fields = [], values = [] } of types) {
  const type = name.value;
  if (TYPES.has(type.toLowerCase()) && !ROOTS.has(type)) found.push(`type ${type}: is one of the language`);
  if (kind === "ScalarTypeDefinition" && !SCALARS.includes(type)) found.push(`scalar ${type}: is not listed`);
  for (const { name: member } of values)
    if (MEMBERS.has(member.value.toLowerCase())) found.push(`${type}.${member.value}: generated enums have it`);
  for (const field of fields) {
    const path = `${type}.${field.name.value}`;
    if (KEYWORDS.has(field.name.value) && !ESCAPED.has(path)) found.push(`${path}: is a keyword`);
  }
  // `CREATED_AT` and `createdAt` would be one name.
  twins(type, [...values, ...fields].map((each) => each.name.value.replaceAll("_", "")));
}

// A list's items are named by the singular, where a field beside it may stand.
for (const operation of operations)
  current.visit(current.parse(operation), {
    SelectionSet({ selections }) {
      const objects = selections.filter(({ selectionSet, name }) => selectionSet && name);
      const names = objects.map(({ name, alias }) => (alias ?? name).value);
      const doubles = names.filter((one) => names.includes(`${one}s`));
      found.push(...doubles.map((one) => `${one} stands beside ${one}s: both become the same type`));
    },
  });

function twins(where, names) {
  const seen = new Set();
  for (const name of names.map((each) => each.toLowerCase())) {
    if (seen.has(name)) found.push(`${where}: ${name} is there twice but for case`);
    seen.add(name);
  }
}

console.log(JSON.stringify({ types: types.length, scalars: SCALARS, operations: operations.length, found }));
