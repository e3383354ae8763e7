"""The documents that are sent, word for word the same to everybody."""

_MONEY = "{ amount currencyCode }"

TYPENAME = "{ __typename }"

PRODUCT = f"""
query Product($id: ID!) {{
  product(id: $id) {{ id name slug price {_MONEY} stock inStock }}
}}
"""

PRODUCTS = f"""
query Products {{
  products(first: 50) {{
    nodes {{ id name slug description stock inStock createdAt price {_MONEY} category {{ id name slug }} }}
  }}
}}
"""

ORDERS = f"""
query Orders {{
  orders(first: 20) {{
    nodes {{
      id number status createdAt total {_MONEY}
      lines {{ quantity name price {_MONEY} product {{ id name category {{ id name }} }} }}
    }}
  }}
}}
"""

ME = "query Me { me { user { id email name role } } }"

ORDER_PLACE = f"""
mutation OrderPlace($input: OrderPlaceInput!) {{
  orderPlace(input: $input) {{
    order {{ id number status createdAt total {_MONEY} lines {{ name quantity price {_MONEY} total {_MONEY} }} }}
    job {{ id status }}
    userErrors {{ field message code }}
  }}
}}
"""

SIGN_UP = """
mutation SignUp($input: UserSignUpInput!) {
  userSignUp(input: $input) { job { id status } userErrors { field message code } }
}
"""

ORDER_UPDATED = """
subscription OrderUpdated($id: ID!) {
  orderUpdated(id: $id) { id number status updatedAt }
}
"""


def distinct(number: int) -> str:
    """A document nobody has sent before: as from a client that writes its values into the text."""
    return f"query Product{number}($id: ID!) {{ a{number}: product(id: $id) {{ id name slug price {_MONEY} stock }} }}"
