import { useStore } from "@nanostores/react";
import { useEffect, useState } from "react";
import { Link, Route, Switch, useLocation } from "wouter";

import { Catalogue } from "./catalogue/page";
import { JobPage } from "./jobs/job";
import { JobList } from "./jobs/list";
import { Banner, Liveness } from "./network/banner";
import { trouble } from "./network/trouble";
import { OrderList } from "./orders/list";
import { OrderPage } from "./orders/order";
import { SignInAgain } from "./session/again";
import { SignInForm } from "./session/form";
import { session, signOut, start, type User } from "./session/session";
import { SystemPage } from "./system/page";
import { Watch } from "./system/watch";
import { addressOf } from "./ui/address";
import { Page } from "./ui/page";
import { Complaint } from "./ui/parts";

const SECTIONS = { jobs: "Jobs", system: "System", catalogue: "Catalogue", orders: "Orders" };

export function App() {
  const now = useStore(session);
  useEffect(() => void start(), []);
  return (
    <>
      <Banner />
      {now.state === "starting" && <p className="welcome quiet">Loading…</p>}
      {now.state === "out" && <Welcome />}
      {(now.state === "in" || now.state === "over") && <SignedIn key={now.user.id} user={now.user} />}
      <SignInAgain />
    </>
  );
}

function Welcome() {
  return (
    <div className="welcome">
      <Page title="Postberry console">
        <SignInForm />
      </Page>
    </div>
  );
}

function SignedIn({ user }: { user: User }) {
  return (
    <>
      <Header user={user} />
      {user.role === "ADMIN" ? <Pages /> : <NotForYou />}
    </>
  );
}

const JOB = /^\/jobs\/(?<id>[\w-]+)\/?$/;
const ORDER = /^\/orders\/(?<id>[\w-]+)\/?$/;

function Pages() {
  return (
    <>
      <Watch />
      <Switch>
        <Route path="/" component={JobList} />
        <Route path="/jobs" component={JobList} />
        <Route path={JOB}>{({ id = "" }) => <JobPage key={id} id={id} />}</Route>
        <Route path="/system" component={SystemPage} />
        <Route path="/catalogue" component={Catalogue} />
        <Route path="/orders" component={OrderList} />
        <Route path={ORDER}>{({ id = "" }) => <OrderPage key={id} id={id} />}</Route>
        <Route component={NoSuchPage} />
      </Switch>
    </>
  );
}

function NoSuchPage() {
  return (
    <Page title="No such page">
      <p>
        There is nothing at this address. <Link href={addressOf(["jobs"])}>To the jobs</Link>
      </p>
    </Page>
  );
}

function NotForYou() {
  return (
    <Page title="Not for this account">
      <p>The console is for administrators. Sign out, and in with the account of one.</p>
    </Page>
  );
}

function Header({ user }: { user: User }) {
  const [path] = useLocation();
  const section = path.split("/")[1] || "jobs";
  return (
    <header>
      <strong>Postberry</strong>
      <nav aria-label="Sections">
        {Object.entries(SECTIONS).map(([part, name]) => (
          <Link key={part} href={addressOf([part])} aria-current={part === section ? "page" : undefined}>
            {name}
          </Link>
        ))}
      </nav>
      <Liveness />
      <SignOut user={user} />
    </header>
  );
}

function SignOut({ user }: { user: User }) {
  const [complaint, setComplaint] = useState("");
  const wrong = useStore(trouble);
  useEffect(() => {
    if (wrong === null) setComplaint("");
  }, [wrong]);
  return (
    <span className="account">
      <span className="quiet">{user.email}</span>
      <button type="button" className="plain" onClick={() => void signOut().then((said) => setComplaint(said ?? ""))}>
        Sign out
      </button>
      <Complaint>{complaint}</Complaint>
    </span>
  );
}
