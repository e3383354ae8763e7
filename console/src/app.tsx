import { type ReactNode, useEffect, useState } from "react";

import { Catalogue } from "./catalogue/page";
import { JobPage } from "./jobs/job";
import { JobList } from "./jobs/list";
import { Banner, Liveness } from "./network/banner";
import { OrderList } from "./orders/list";
import { OrderPage } from "./orders/order";
import { SignInAgain } from "./session/again";
import { SignInForm } from "./session/form";
import { session, signOut, start, type User } from "./session/session";
import { SystemPage } from "./system/page";
import { Page } from "./ui/page";
import { Complaint } from "./ui/parts";
import { addressOf, Link, type Place, usePlace } from "./ui/routes";
import { useStore } from "./ui/store";

const SECTIONS = { jobs: "Jobs", system: "System", catalogue: "Catalogue", orders: "Orders" };

export function App() {
  const now = useStore(session);
  useEffect(() => void start(), []);
  return (
    <>
      <Banner />
      {now.state === "starting" && <p className="welcome quiet">Loading…</p>}
      {now.state === "out" && <Welcome />}
      {(now.state === "in" || now.state === "over") && <SignedIn user={now.user} />}
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
  const place = usePlace();
  return (
    <>
      <Header user={user} section={place.parts[0] ?? "jobs"} />
      {user.role === "ADMIN" ? content(place) : <NotForYou />}
    </>
  );
}

function content({ parts }: Place): ReactNode {
  const [section = "jobs", id, ...more] = parts;
  if (more.length === 0 && id === undefined) {
    if (section === "jobs") return <JobList />;
    if (section === "system") return <SystemPage />;
    if (section === "catalogue") return <Catalogue />;
    if (section === "orders") return <OrderList />;
  }
  if (more.length === 0 && id !== undefined) {
    if (section === "jobs") return <JobPage key={id} id={id} />;
    if (section === "orders") return <OrderPage key={id} id={id} />;
  }
  return <NoSuchPage />;
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

function Header({ user, section }: { user: User; section: string }) {
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
