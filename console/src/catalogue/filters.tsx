import type { SyntheticEvent } from "react";
import { useLocation } from "wouter";

import { ProductSort, type ProductWhere } from "../generated/graphql";
import { addressOf } from "../ui/address";
import { Choice, Field } from "../ui/field";

const SORTS: Record<ProductSort, string> = {
  CREATED_AT_DESC: "Newest first",
  CREATED_AT_ASC: "Oldest first",
  NAME_ASC: "Name, A to Z",
  NAME_DESC: "Name, Z to A",
  PRICE_ASC: "Cheapest first",
  PRICE_DESC: "Dearest first",
};
const SHOWN = { "": "On sale", inStock: "In stock", soldOut: "Sold out", archived: "Archived" };

export interface Filter {
  search: string;
  show: string;
  sort: string;
}

export function filterOf(parameters: URLSearchParams): Filter {
  const given = (name: string) => parameters.get(name)?.trim() ?? "";
  return { search: given("search"), show: given("show"), sort: given("sort") };
}

export function sortOf({ sort }: Filter): ProductSort {
  return Object.values(ProductSort).find((each) => each === sort) ?? "CREATED_AT_DESC";
}

export function whereOf({ search, show }: Filter): ProductWhere {
  return {
    ...(search && { search }),
    ...(show === "inStock" && { inStock: true }),
    ...(show === "soldOut" && { inStock: false }),
    ...(show === "archived" && { archived: true }),
  };
}

export function Filters({ filter }: { filter: Filter }) {
  const [, go] = useLocation();

  function show(change: Partial<Filter>): void {
    go(addressOf(["catalogue"], { ...filter, ...change }));
  }

  function submit(event: SyntheticEvent<HTMLFormElement>): void {
    event.preventDefault();
    show({ search: String(new FormData(event.currentTarget).get("search")).trim() });
  }

  return (
    <form className="filters" role="search" aria-label="Find products" onSubmit={submit}>
      <Field key={filter.search} label="Search" type="search" name="search" defaultValue={filter.search} maxLength={100} />
      <button type="submit">Search</button>
      <Choice label="Show" name="show" value={filter.show} options={SHOWN} onChange={(show_) => show({ show: show_ })} />
      <Choice label="Sort" name="sort" value={sortOf(filter)} options={SORTS} onChange={(sort) => show({ sort })} />
    </form>
  );
}
