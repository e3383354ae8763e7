import "./main.css";

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Provider } from "urql";
import { Router } from "wouter";

import { App } from "./app";
import { CONSOLE_PATH } from "./network/addresses";
import { client } from "./network/client";
import { Boundary } from "./ui/boundary";

const root = document.getElementById("console");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <Provider value={client}>
        <Router base={CONSOLE_PATH}>
          <Boundary>
            <App />
          </Boundary>
        </Router>
      </Provider>
    </StrictMode>,
  );
}
