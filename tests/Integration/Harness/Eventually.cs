global using Eventually = CapiWorkshop.Tests.Support.Eventually;
