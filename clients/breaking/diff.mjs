// What has changed since the schema that clients were last given: node diff.mjs RELEASED CURRENT ALLOWED.
import { readFile } from "node:fs/promises";
import { CriticalityLevel, diff } from "@graphql-inspector/core";
import { buildSchema } from "graphql";

const [released, current, allowed] = await Promise.all(process.argv.slice(2, 5).map((path) => readFile(path, "utf8")));
const changes = await diff(buildSchema(released), buildSchema(current));
const allowances = JSON.parse(allowed);

const isAllowed = ({ type, path }) => allowances.some((each) => each.type === type && each.path === path);
const isOf = ({ type, path }) => changes.some((each) => each.type === type && each.path === path);
const lines = (found) => found.map(({ type, path, message }) => `${type} ${path}: ${message}`);

const at = (level) => changes.filter(({ criticality }) => criticality.level === level);
const breaking = at(CriticalityLevel.Breaking);

console.log(
  JSON.stringify({
    refused: lines(breaking.filter((change) => !isAllowed(change))),
    allowed: lines(breaking.filter(isAllowed)),
    inVain: allowances.filter((each) => !isOf(each)).map(({ type, path }) => `${type} ${path}`),
    unexplained: allowances.filter(({ reason }) => !reason).map(({ type, path }) => `${type} ${path}`),
    dangerous: lines(at(CriticalityLevel.Dangerous)),
    safe: lines(at(CriticalityLevel.NonBreaking)),
  }),
);
