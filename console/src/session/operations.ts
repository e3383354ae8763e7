import { graphql } from "../generated";

export const SignIn = graphql(`
  mutation SignIn($email: String!, $password: String!) {
    userSignIn(input: { email: $email, password: $password, carrier: COOKIE }) {
      expiresIn
      user { id email name role }
      userErrors { message }
    }
  }
`);

export const Refresh = graphql(`
  mutation Refresh {
    tokenRefresh(input: {}) {
      expiresIn
      user { id email name role }
      userErrors { message }
    }
  }
`);

export const SignOut = graphql(`
  mutation SignOut {
    userSignOut { isSignedOut }
  }
`);

export const Me = graphql(`
  query Me {
    me { user { id email name role } }
  }
`);
