"""How is each element of a statement lowered to a plan?"""
