const CSRF = "postberry_csrf";

/** What proves that a request comes from a page of ours. The tokens are in cookies that scripts cannot read. */
export function csrfToken(): string | null {
  const found = document.cookie.split("; ").find((each) => each.startsWith(`${CSRF}=`));
  return found ? decodeURIComponent(found.slice(CSRF.length + 1)) : null;
}

export function csrfHeaders(): Record<string, string> {
  const token = csrfToken();
  return token ? { "X-CSRF-Token": token } : {};
}
